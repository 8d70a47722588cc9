// Cases: what waits for a moderator.
import { call, key } from './api.js';
import { ask, groundField, statementField } from './ask.js';
import { clock, load, replace, show, taken } from './list.js';
import { desk, el, hour, label, marked, p, say, theirs } from './words.js';

const anew = async path => { const one = await call('GET', path); return show.items.some(other => other.id === one.id) ? replace(one) : one; };

const RESTRICTIONS = { return_for_changes: 'Give back', hide: 'Hide', remove: 'Remove for good', lock: 'Lock the discussion' };
// How a case is called: by the idea that it is about, or by how the comment begins.
const name = one => one.comment ? `comment: ${one.body.slice(0, 80)}` : one.title;
// What somebody else has made of a case, for whoever is writing about it.
const asItIs = one => [
  p([label('idea_state', one.item_state), `revision ${one.revision}`, one.claim && (one.claim.mine ? 'in your hands' : `${one.claim.by} has it in hand`),
    one.state === 'decided' && 'decided meanwhile: nothing is left to decide'].filter(Boolean).join(' · ')),
  theirs('div', one.comment ? one.body : `${one.title}\n\n${one.body}`),
];
async function restrict(one, kind) {
  // Whoever writes to an author has the case in hand meanwhile, so that nobody else writes the same.
  const mine = one.claim?.mine;
  if (!mine) one = replace(await call('PUT', `/cases/${one.id}/claim`, { version: one.version }));
  const fields = [groundField(), statementField('statement')];
  const send = (body, once) => call('POST', `/cases/${one.id}/decision`, { body: { decision: kind, ...body }, version: one.version, once });
  const again = async () => asItIs(one = await anew(`/cases/${one.id}`));
  const title = RESTRICTIONS[kind];
  const done = await ask({ title: `${title}: ${one.number}`, about: name(one), fields, button: title, grave: kind === 'remove', send, again });
  if (done) return decided(one, done);
  if (!mine && one.claim?.mine) await call('DELETE', `/cases/${one.id}/claim`);
  await anew(`/cases/${one.id}`);
}
let last = null; // what was decided last
function decided(one, done) {
  last = one;
  taken(one, `${one.number}: ${label('idea_state', done.item_state).toLowerCase()}.`);
}
export const cases = {
  title: 'Queue', pile: 'cases', lists: ['/cases'], nothing: 'The queue is empty.',
  row: one => [`${one.number} · ${name(one)}`, clock(hour(one.due_at), one.overdue),
    el('span', { className: 'quiet' }, [label('case_reason', one.reason), one.findings.length && `${one.findings.length} found`, one.reports && `${one.reports} reported`,
      one.claim && (one.claim.mine ? 'in your hands' : `with ${one.claim.by}`)].filter(Boolean).join(' · '))],
  async detail(one) {
    const reports = one.reports ? await call('GET', `/cases/${one.id}/reports`) : null;
    // Places of an earlier revision are places in a text that is not here.
    const here = one.findings.filter(found => found.revision === one.revision);
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: desk.council.language }, marked(one.title, 'title', here)),
      p([one.number, one.author, label('case_reason', one.reason), label('idea_state', one.item_state), `revision ${one.revision}`].filter(Boolean).join(' · '), 'quiet'),
      one.comment && p(`A comment on this idea, ${label('stance', one.stance).toLowerCase()}:`),
      p(clock(hour(one.due_at), one.overdue)),
      one.claim && p(one.claim.mine ? `You have it in hand until ${hour(one.claim.until)}.` : `${one.claim.by} has it in hand until ${hour(one.claim.until)}.`, one.claim.mine ? '' : 'late'),
      el('div', { className: 'text', lang: desk.council.language, dir: 'auto' }, marked(one.body, 'body', here)),
      one.findings.length ? [el('h3', {}, 'What screening found'), el('ul', {}, one.findings.map(found => el('li', {}, found.revision === one.revision ? found.detail : `${found.detail} In revision ${found.revision}, which is not shown.`)))] : null,
      reports && [el('h3', {}, `Reported by ${reports.count}`),
        el('ul', {}, reports.reasons.map(reason => el('li', {}, `${label('report_reason', reason.reason)}: ${reason.count}`)),
          reports.words.map(said => el('li', {}, `${label('report_reason', said.reason)}, of revision ${said.revision}: `, theirs('q', said.words))))],
    ].flat();
  },
  deeds: one => [
    ['p', one.item_state === 'published' ? 'Leave it public' : 'Publish', async () => decided(one, await call('POST', `/cases/${one.id}/decision`, { body: { decision: 'publish' }, version: one.version, once: key() }))],
    ['g', 'Give back', () => restrict(one, 'return_for_changes'), 'plain'],
    ['h', 'Hide', () => restrict(one, 'hide'), 'plain'],
    ['r', 'Remove', () => restrict(one, 'remove'), 'plain'],
    ...(one.item_state === 'published' ? [['d', 'Lock', () => restrict(one, 'lock'), 'plain']] : []),
    one.claim?.mine
      ? ['c', 'Let go', async () => { await call('DELETE', `/cases/${one.id}/claim`); await anew(`/cases/${one.id}`); say(`${one.number} is in nobody’s hands.`); }, 'plain']
      : ['c', 'Take in hand', async () => { replace(await call('PUT', `/cases/${one.id}/claim`, { version: one.version })); say(`${one.number} is in your hands for half an hour.`); }, 'plain'],
  ],
};

// Puts what was decided last into the queue once more.
export async function lookAgain() {
  if (!last) return;
  const again = await call('POST', last.comment ? `/comments/${last.comment}/cases` : `/ideas/${last.idea}/cases`);
  last = null;
  await load();
  say(`${again.number} is in the queue again.`);
}
