// The main job of the platform, done with the generated client: every call, answer and refusal is typed by openapi.yaml.
// run.sh puts the client beside a copy of this file.
import { createClient, createConfig, type Client } from './client/client/index.js';
import {
  answerIdea,
  decideCase,
  listAnswers,
  listCases,
  listChallenges,
  listChanges,
  listIdeas,
  readForm,
  readIdea,
  readOwnAccount,
  readPromise,
  readState,
  signIn,
  signOut,
  submitIdea,
  supportIdea,
  type AnswerIdeaErrors,
  type AnswerIdeaResponses,
  type CaseView,
  type Change,
  type DecideCaseResponses,
  type EntryKind,
  type Fault,
  type IdeaView,
  type ListAnswersResponses,
  type ListCasesResponses,
  type ListChallengesResponses,
  type ListChangesResponses,
  type ListIdeasResponses,
  type ProblemView,
  type ReadFormResponses,
  type ReadIdeaErrors,
  type ReadIdeaResponses,
  type ReadOwnAccountErrors,
  type ReadOwnAccountResponses,
  type ReadPromiseResponses,
  type ReadStateResponses,
  type SignInResponses,
  type SignOutResponses,
  type SubmitIdea,
  type SubmitIdeaErrors,
  type SubmitIdeaResponses,
  type SupportIdeaResponses,
} from './client/index.js';

// Declared here, so that the check needs no types of Node.
declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const baseUrl = process.env['FOLKMOOT_URL']?.replace(/\/$/, '');
const password = process.env['FOLKMOOT_PASSWORD'] ?? 'seven herons over aldermoor-by-sea';
const path = { council: 'aldermoor' };
/** What follows later, as numbers in the change feed, has to be there by then. */
const PATIENCE_MS = 15_000;

let steps = 0;

function step(text: string): void {
  steps += 1;
  console.log(`${String(steps).padStart(2)}. ${text}`);
}

function must(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

type Answer<Data> = { data?: Data; error?: ProblemView; response?: Response };

/**
 * What was asked for; a refusal or another status fails. Said with the type of all answers of its operation, so that it does
 * not compile where the document does not list the status.
 */
function taken<Responses, Status extends keyof Responses>(
  what: string,
  answer: Answer<Responses[keyof Responses]>,
  status: Status,
): Responses[Status] {
  must(answer.response !== undefined, `${what}: no answer: ${String(answer.error)}`);
  must(
    answer.response.status === status,
    `${what}: ${answer.response.status} instead of ${String(status)}: ${JSON.stringify(answer.error ?? answer.data)}`,
  );
  return answer.data as Responses[Status];
}

/** The refusal that was expected; anything else fails, and a status that the document does not list does not compile. */
function refused<Errors>(what: string, answer: Answer<unknown>, status: keyof Errors, code: string): ProblemView {
  const problem = answer.error;
  must(problem !== undefined, `${what}: taken instead of refused: ${JSON.stringify(answer.data)}`);
  must(
    answer.response?.status === status && problem.status === status && problem.code === code,
    `${what}: ${JSON.stringify(problem)} instead of ${String(status)} ${code}`,
  );
  const type = answer.response.headers.get('content-type');
  must(type === 'application/problem+json', `${what}: a refusal as ${type}`);
  return problem;
}

function visitor(): Client {
  return createClient(createConfig({ baseUrl: baseUrl ?? '' }));
}

async function signedIn(name: string): Promise<Client> {
  const body = { email: `${name}@aldermoor.example`, password };
  const session = taken<SignInResponses, 201>(`sign in as ${name}`, await signIn({ client: visitor(), path, body }), 201);
  must(session.token_type === 'Bearer' && session.expires_in > 0, `${name}: the token is good for nothing`);
  const token: string = session.access_token;
  return createClient(createConfig({ baseUrl: baseUrl ?? '', auth: token }));
}

async function publishedIdeas(client: Client, challenge: string): Promise<IdeaView[]> {
  const ideas: IdeaView[] = [];
  let cursor: string | null | undefined;
  do {
    const query = { limit: 7, state: 'published' as const, ...(cursor ? { cursor } : {}) };
    const page = taken<ListIdeasResponses, 200>(
      'list ideas',
      await listIdeas({ client, path: { ...path, challenge }, query }),
      200,
    );
    must(page.items.length <= 7, 'a page holds more than its limit');
    ideas.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return ideas;
}

async function caseOf(client: Client, idea: string): Promise<CaseView> {
  let cursor: string | null | undefined;
  do {
    const query = { state: 'open' as const, ...(cursor ? { cursor } : {}) };
    const page = taken<ListCasesResponses, 200>('list cases', await listCases({ client, path, query }), 200);
    const found = page.items.find((one) => one.idea === idea);
    if (found) return found;
    cursor = page.next_cursor;
  } while (cursor !== null);
  throw new Error(`the queue has no case of idea ${idea}`);
}

async function changesAfter(client: Client, after: number): Promise<{ items: Change[]; next: number }> {
  const items: Change[] = [];
  let next = after;
  for (;;) {
    const page = taken<ListChangesResponses, 200>(
      'list changes',
      await listChanges({ client, path, query: { after: next, limit: 500 } }),
      200,
    );
    for (const change of page.items) {
      must(change.number > next, `change ${change.number} comes after ${next}`);
      next = change.number;
    }
    items.push(...page.items);
    must(page.next_after >= next, 'next_after goes backwards');
    next = page.next_after;
    if (page.items.length === 0) return { items, next };
  }
}

/** Asks the feed until it has told all of `kinds` of an idea, in that order. */
async function followed(client: Client, after: number, idea: string, kinds: EntryKind[]): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  const seen: EntryKind[] = [];
  let next = after;
  for (;;) {
    const more = await changesAfter(client, next);
    next = more.next;
    for (const change of more.items) {
      if (change.subject === idea && kinds.includes(change.kind)) seen.push(change.kind);
    }
    if (seen.length >= kinds.length) break;
    must(Date.now() < deadline, `the change feed tells ${JSON.stringify(seen)} and not ${JSON.stringify(kinds)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  must(JSON.stringify(seen) === JSON.stringify(kinds), `the change feed tells ${JSON.stringify(seen)}`);
  return next;
}

async function main(): Promise<void> {
  must(Boolean(baseUrl), 'FOLKMOOT_URL is needed: the address of a running demo server.');
  const anybody = visitor();

  const resident = await signedIn('resident11');
  const me = taken<ReadOwnAccountResponses, 200>(
    'read own account',
    await readOwnAccount({ client: resident, path }),
    200,
  );
  must(me.role === 'resident', `resident11 is ${me.role}`);
  step(`A resident signs in: ${me.display_name}.`);

  const challenges = taken<ListChallengesResponses, 200>(
    'list challenges',
    await listChallenges({ client: anybody, path }),
    200,
  );
  const open = challenges.items.find((one) => one.state === 'open');
  must(open !== undefined, 'no challenge is open');
  const challenge = open.id;
  step(`${challenges.items.length} challenges; open is “${open.title}”.`);

  const before = await changesAfter(anybody, 0);
  step(`The change feed is at ${before.next}, after ${before.items.length} changes.`);

  const promise = taken<ReadPromiseResponses, 200>(
    'read promise',
    await readPromise({ client: anybody, path: { ...path, challenge } }),
    200,
  );
  const ideas = await publishedIdeas(anybody, challenge);
  must(new Set(ideas.map((idea) => idea.id)).size === ideas.length, 'an idea is on two pages');
  must(ideas.length === promise.figures.ideas, `${ideas.length} ideas listed, ${promise.figures.ideas} promised an answer`);
  step(`${ideas.length} ideas on pages of seven; ${promise.figures.overdue_now} answers are overdue.`);

  // Untyped in the document: the form is itself a schema, different for each challenge.
  const form = taken<ReadFormResponses, 200>(
    'read form',
    await readForm({ client: anybody, path: { ...path, challenge } }),
    200,
  );
  must(typeof form === 'object' && form !== null && 'properties' in form, 'the form has no properties');
  step('The form is a JSON Schema.');

  const faulty: SubmitIdea = { title: 'x', body: 'b'.repeat(10_001) };
  const problem = refused<SubmitIdeaErrors>(
    'submit with faults',
    await submitIdea({ client: resident, path: { ...path, challenge }, body: faulty }),
    422,
    'invalid',
  );
  const faults = (problem.errors ?? []).map((fault: Fault) => `${fault.pointer} ${fault.code}`).sort();
  must(faults.join() === '/body too_long,/title too_short', `not all faults are told: ${JSON.stringify(faults)}`);
  step(`Refused with all faults: ${faults.join(', ')}.`);

  const body: SubmitIdea = { title: 'A drinking fountain in the park', body: 'For people **and** dogs.' };
  const wouldBe = taken<SubmitIdeaResponses, 200>(
    'try an idea',
    await submitIdea({ client: resident, path: { ...path, challenge }, query: { dry_run: true }, body }),
    200,
  );
  must(wouldBe.state === 'held', `it would be ${wouldBe.state}`);
  step(`Tried: it would be held, and answered by ${wouldBe.answer_due_at}.`);

  const headers = { 'Idempotency-Key': `typescript-${Date.now()}` };
  const submitted = await submitIdea({ client: resident, path: { ...path, challenge }, headers, body });
  const idea = taken<SubmitIdeaResponses, 201>('submit', submitted, 201);
  must(idea.state === 'held' && idea.status === 'awaiting_answer' && idea.title === body.title, 'it is not as submitted');
  must(submitted.response?.headers.get('location')?.endsWith(idea.id) === true, 'Location is not the idea');
  const again = await submitIdea({ client: resident, path: { ...path, challenge }, headers, body });
  const same = taken<SubmitIdeaResponses, 201>('submit again', again, 201);
  must(same.id === idea.id, 'the same key made another idea');
  must(again.response?.headers.get('idempotency-replayed') === 'true', 'the replay does not say so');
  step(`Submitted as ${idea.number}; sent again with the same key it is the same.`);

  const hidden = await readIdea({ client: anybody, path: { ...path, idea: idea.id } });
  refused<ReadIdeaErrors>('read a held idea', hidden, 404, 'not_found');
  step('Nobody else sees it while it is held.');

  const moderator = await signedIn('moderator');
  const waiting = await caseOf(moderator, idea.id);
  must(waiting.reason === 'before_publication' && waiting.decision === null, 'the case is not one that waits');
  const decision = taken<DecideCaseResponses, 201>(
    'decide',
    await decideCase({
      client: moderator,
      path: { ...path, case: waiting.id },
      headers: { 'If-Match': `"${waiting.version}"` },
      body: { decision: 'publish' },
    }),
    201,
  );
  must(decision.item_state === 'published', `it is ${decision.item_state}`);
  step('A moderator publishes it.');

  const neighbour = await signedIn('resident12');
  const support = { client: neighbour, path: { ...path, idea: idea.number }, body: {} };
  const first = taken<SupportIdeaResponses, 201>('support', await supportIdea(support), 201);
  const second = taken<SupportIdeaResponses, 200>('support again', await supportIdea(support), 200);
  must(first.supported && first.supports === 1 && second.supports === 1, `${second.supports} supports of one resident`);
  step('Another resident supports it, once however often it is sent.');

  const officer = await signedIn('officer');
  const read = await readIdea({ client: officer, path: { ...path, idea: idea.id } });
  const asRead = taken<ReadIdeaResponses, 200>('read idea', read, 200);
  const etag = read.response?.headers.get('etag');
  must(typeof etag === 'string', 'an idea has no ETag');
  const answer = {
    client: officer,
    path: { ...path, idea: idea.id },
    body: { kind: 'accepted' as const, office: 'Director of Place', reason: 'It will run **from May**.' },
  };
  const stale = await answerIdea({ ...answer, headers: { 'If-Match': `"${asRead.version + 1}"` } });
  refused<AnswerIdeaErrors>('answer another version', stale, 412, 'changed');
  const given = taken<AnswerIdeaResponses, 201>(
    'answer',
    await answerIdea({ ...answer, headers: { 'If-Match': etag } }),
    201,
  );
  must(given.kind === 'accepted' && given.revision === 1 && given.idea === idea.id, 'it is not the answer that was given');
  step('An officer answers the version that was read, and no other.');

  const answers = taken<ListAnswersResponses, 200>(
    'list answers',
    await listAnswers({ client: resident, path: { ...path, idea: idea.id } }),
    200,
  );
  must(answers.items.some((one) => one.id === given.id && one.reason_html.includes('<strong>')), 'the answer is not listed');
  const answered = taken<ReadIdeaResponses, 200>(
    'read idea',
    await readIdea({ client: resident, path: { ...path, idea: idea.id } }),
    200,
  );
  must(answered.status === 'accepted' && !answered.overdue && answered.supports === 1, `its status is ${answered.status}`);
  const state = taken<ReadStateResponses, 200>(
    'read state',
    await readState({ client: resident, path, query: { ideas: idea.id, challenges: challenge } }),
    200,
  );
  const standing = state.ideas[0];
  must(standing !== undefined && standing.mine && !standing.supported, 'it is not the idea of its author');
  must(standing.can.support.allowed && !standing.can.answer.allowed, 'its author may not what residents may');
  must(standing.can.answer.code === 'forbidden', `a resident may not answer: ${standing.can.answer.code}`);
  step('Its author reads the answer, and what may be done now.');

  const after = await followed(anybody, before.next, idea.id, ['idea.published', 'idea.answered']);
  step(`The change feed tells both, and is at ${after}.`);

  taken<SignOutResponses, 204>('sign out', await signOut({ client: resident, path }), 204);
  refused<ReadOwnAccountErrors>(
    'read own account signed out',
    await readOwnAccount({ client: resident, path }),
    401,
    'bad_token',
  );
  step('The resident signs out, and the token is good no more.');
}

main().catch((error: unknown) => {
  console.error(`FAILED after step ${steps}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
