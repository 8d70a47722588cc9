// Cases: what waits for a moderator.
import { call, key } from './api.js';
import { ask, groundField, statementField } from './ask.js';
import { decideTogether, inBatch } from './batch.js';
import { editing } from './edit.js';
import { clock, load, replace, taken } from './list.js';
import { noted, writeNote } from './notes.js';
import { sanction, sanctionsOf } from './people.js';
import { picked, show } from './show.js';
import { MODERATE, desk, dots, el, hour, label, marked, p, say, theirs } from './words.js';

const anew = async path => { const one = await call('GET', path); return show.items.some(other => other.id === one.id) ? replace(one) : one; };

const RESTRICTIONS = { publish_with_edit: 'Publish without words', return_for_changes: 'Give back', hide: 'Hide', remove: 'Remove for good', lock: 'Lock the discussion' };
// How a case is called: by the idea that it is about, or by how the comment begins.
const name = one => one.comment ? `comment: ${one.body.slice(0, 80)}` : one.title;
// What somebody else has made of a case, for whoever is writing about it.
const asItIs = one => [
  p(dots(label('idea_state', one.item_state), `revision ${one.revision}`, one.claim && (one.claim.mine ? 'in your hands' : `${one.claim.by} has it in hand`),
    one.state === 'decided' && 'decided meanwhile: nothing is left to decide')),
  theirs('div', one.comment ? one.body : `${one.title}\n\n${one.body}`),
];
async function restrict(one, kind) {
  // Whoever writes to an author has the case in hand meanwhile, so that nobody else writes the same.
  const mine = one.claim?.mine;
  if (!mine) one = replace(await call('PUT', `/cases/${one.id}/claim`, { version: one.version }));
  const edit = kind === 'publish_with_edit' ? editing(one) : { fields: [], body: given => given };
  const fields = [...edit.fields, groundField(), statementField('statement')];
  const send = (given, once) => call('POST', `/cases/${one.id}/decision`, { body: { decision: kind, ...edit.body(given) }, version: one.version, once });
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
  taken([one], `${one.comment ? 'Comment on ' : ''}${one.number}: ${label('idea_state', done.item_state).toLowerCase()}${done.decision === 'publish_with_edit' ? ', without what you took out' : ''}.`);
}
export const cases = {
  title: 'Queue', pile: 'cases', roles: MODERATE, lists: () => ['/cases'], leaves: inBatch, picks: true, nothing: 'The queue is empty.',
  keys: [
    ['P', 'publish'], ['E', 'publish without words that you take out'], ['G', 'give back to be changed'], ['H', 'hide'], ['R', 'remove for good'],
    ['D', 'lock the discussion'], ['C', 'take a case in hand for half an hour, or let it go'], ['W', 'warn or suspend its author'], ['N', 'write a note for colleagues'],
    ['B', 'decide those picked together'], ['T', 'take back what you decided together, within the minute'], ['Z', 'put what you decided last into the queue again'],
  ],
  row: one => [`${one.number} · ${name(one)}`, clock(hour(one.due_at), one.overdue),
    el('span', { className: 'quiet' }, dots(label('case_reason', one.reason), one.findings.length && `${one.findings.length} found`, one.reports && `${one.reports} reported`,
      one.claim && (one.claim.mine ? 'in your hands' : `with ${one.claim.by}`)))],
  async detail(one) {
    const reports = one.reports ? await call('GET', `/cases/${one.id}/reports`) : null;
    // Places of an earlier revision are places in a text that is not here.
    const here = one.findings.filter(found => found.revision === one.revision);
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: desk.council.language }, marked(one.title, 'title', here)),
      p(dots(one.number, one.author, label('case_reason', one.reason), label('idea_state', one.item_state), `revision ${one.revision}`), 'quiet'),
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
  // What was imported is nobody's here, and whose it is is told to nobody in an appeal.
  beside: one => Promise.all([noted(one.idea), one.author ? sanctionsOf(`/cases/${one.id}`) : []]),
  deeds: one => [
    ['p', one.item_state === 'published' ? 'Leave it public' : 'Publish', async () => decided(one, await call('POST', `/cases/${one.id}/decision`, { body: { decision: 'publish' }, version: one.version, once: key() }))],
    ['e', 'Edit', () => restrict(one, 'publish_with_edit'), 'plain'],
    ['g', 'Give back', () => restrict(one, 'return_for_changes'), 'plain'],
    ['h', 'Hide', () => restrict(one, 'hide'), 'plain'],
    ['r', 'Remove', () => restrict(one, 'remove'), 'plain'],
    ...(one.item_state === 'published' ? [['d', 'Lock', () => restrict(one, 'lock'), 'plain']] : []),
    one.claim?.mine
      ? ['c', 'Let go', async () => { await call('DELETE', `/cases/${one.id}/claim`); await anew(`/cases/${one.id}`); say(`${one.number} is in nobody’s hands.`); }, 'plain']
      : ['c', 'Take in hand', async () => { replace(await call('PUT', `/cases/${one.id}/claim`, { version: one.version })); say(`${one.number} is in your hands for half an hour.`); }, 'plain'],
    ...(one.author ? [['w', 'Warn or suspend', () => sanction(`/cases/${one.id}`, `the author of ${one.number}`), 'plain']] : []),
    ['n', 'Note', () => writeNote(one.idea, one.number), 'plain'],
    ...(show.picked.size ? [['b', `Decide ${show.picked.size} together`, () => decideTogether(picked())]] : []),
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
