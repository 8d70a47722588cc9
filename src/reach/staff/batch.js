// Deciding many cases at once: what would become of each is shown first, and for a minute it can all be taken back.
import { call, kept } from './api.js';
import { ask, field, groundField, select, statementField } from './ask.js';
import { load, taken } from './list.js';
import { count, show } from './show.js';
import { $, desk, el, fail, label, many, plain, say } from './words.js';

const DECISIONS = ['publish', 'return_for_changes', 'hide', 'remove', 'lock'];

// One case of the preview: what can be decided is ticked, what cannot says why.
function previewed(item, at) {
  const box = el('input', { type: 'checkbox', id: `ask-cases-${at}`, checked: !item.code, disabled: Boolean(item.code) });
  box.setAttribute('aria-describedby', `ask-cases-${at}-fault`);
  const becomes = item.code ? plain(item.detail) : `${label('idea_state', item.item_state)} → ${label('idea_state', item.would_be)}${item.author_mailed ? ', and its author is mailed' : ''}`;
  return el('li', {}, el('label', { className: 'check' }, box, el('span', {}, `${item.number} · ${item.comment ? 'a comment on: ' : ''}${item.title}: `,
    el('span', { className: item.code ? 'late' : 'quiet' }, becomes))), el('p', { className: 'fault', id: `ask-cases-${at}-fault` }));
}
function fieldsOf(given) {
  const kind = select(DECISIONS.map(word => [word, label('decision_kind', word)]), given.decision);
  const why = el('div', {}, groundField(), statementField('statement'));
  for (const input of why.querySelectorAll('[name]')) input.value = given[input.name] ?? '';
  kind.onchange = () => { why.hidden = kind.value === 'publish'; };
  kind.onchange();
  return [field('decision', 'Decision', kind, 'The same for each; where it is a restriction, each author gets this statement.'), why];
}
export async function decideTogether(all) {
  const title = `Decide ${many(all.length, 'case')} together`;
  for (let given = { decision: 'publish' }; ;) {
    const wish = body => body.decision === 'publish' ? { decision: 'publish' } : body;
    const cases = all.map(one => ({ case: one.id, version: one.version }));
    const look = body => call('POST', '/case-batches?dry_run=true', { body: { ...wish(given = body), cases } });
    const preview = await ask({ title, fields: fieldsOf(given), button: 'Show what would become of them', send: look });
    if (!preview) return;
    const send = async (_, once) => {
      const ticked = cases.map((_, at) => at).filter(at => $(`ask-cases-${at}`).checked);
      try {
        return await call('POST', '/case-batches', { body: { ...wish(given), cases: ticked.map(at => cases[at]) }, once });
      } catch (problem) { // it counts those that were sent
        for (const one of problem.errors ?? []) one.pointer = one.pointer.replace(/^\/cases\/(\d+)/, (_, at) => `/cases/${ticked[at]}`);
        throw problem;
      }
    };
    const able = preview.items.filter(item => !item.code).length;
    const about = `${label('decision_kind', given.decision)}: ${able} of ${preview.items.length} can be decided so. ${many(preview.authors_mailed, 'author')} would be mailed. Untick what you want to leave.`;
    const made = await ask({ title, about, fields: el('ul', { className: 'cases' }, preview.items.map(previewed)), button: 'Decide those ticked', not: 'Back', send });
    if (!made) continue;
    show.picked.clear();
    begin(made, new Date(made.due_at) - new Date(made.asked_at));
    return taken(made.items.map(item => ({ id: item.case })), `${many(made.items.length, 'case')} will be decided in a minute. Until then T takes it back.`);
  }
}

// The one that waits, so that its cases are not in the list meanwhile.
let waiting = null, clock = null;
export const inBatch = one => Boolean(waiting?.items.some(item => item.case === one.id));
export function forget() {
  clearInterval(clock);
  waiting = null;
  $('undo').hidden = true;
}
function begin(made, left) {
  forget();
  kept('batch', made.id);
  waiting = made;
  const end = Date.now() + left;
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    $('undo').hidden = false;
    $('undo-text').textContent = `${label('decision_kind', made.decision)}: ${many(made.items.length, 'case')} in ${many(Math.max(seconds, 0), 'second')}.`;
    if (seconds <= 0) finish(made).catch(fail);
  };
  clock = setInterval(tick, 1000);
  tick();
}
// The minute is over: what became of them is told as soon as the server has done it.
async function finish(made) {
  const now = await call('GET', `/case-batches/${made.id}`);
  if (now.state === 'waiting' || waiting !== made) return;
  end();
  const skipped = now.items.filter(item => item.state === 'skipped');
  if (skipped.length) await load(); else await count();
  say([`${many(now.items.length - skipped.length, 'case')} decided together.`, ...skipped.map(item => `${item.number} was skipped: ${plain(item.detail)}`)].join(' '));
}
function end() {
  kept('batch', null);
  const focused = $('undo').contains(document.activeElement);
  forget();
  if (focused) $('list-title').focus();
}
export const waits = () => Boolean(waiting);
export async function takeBack() {
  const { id, items } = waiting;
  try { await call('DELETE', `/case-batches/${id}`); } finally { end(); await load(); }
  say(`Taken back: ${many(items.length, 'case is', 'cases are')} in the queue as before.`);
}
// After the page was loaded anew.
export async function goOn() {
  const made = kept('batch') && await call('GET', `/case-batches/${kept('batch')}`).catch(() => null);
  if (made?.mine && made.state === 'waiting') begin(made, new Date(made.due_at) - new Date(desk.now)); else kept('batch', null);
}
