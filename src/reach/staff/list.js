// The list, what is chosen in it, and what is picked from it to be done with together.
import { call, limited } from './api.js';
import { count, picked, show } from './show.js';
import { $, dots, el, fail, many, say } from './words.js';

export const rowOf = one => $('list').querySelector(`[data-id="${one.id}"]`);

const goesOn = () => Object.values(show.cursors).some(Boolean);
const shaped = one => (show.view.shape ?? (one => one))(one);
export const clock = (due, overdue) => el('span', { className: overdue ? 'late' : 'quiet' }, `${overdue ? 'Overdue: it was due' : 'Due'} by ${due}`);

async function read(view, more) { // gives whether it is the list that is looked at still
  const lists = view.lists(), { cursors } = show, wanted = lists.filter(list => !more || cursors[list]);
  const asked = await Promise.all(wanted.map(list => call('GET', limited(list, 50, more && cursors[list]))));
  const all = asked.flatMap(page => page.items.map(one => (view.shape ?? (one => one))(one)));
  await view.dress?.(all);
  if (view !== show.view) return false;
  const before = more ? show.items : [];
  show.items = [...before, ...all.filter(one => !view.leaves?.(one) && !before.some(other => other.id === one.id))];
  // Where a pile has several lists, they are in one order; unless told, what is due first is first.
  if (lists.length > 1) show.items.sort(view.order ?? ((a, b) => new Date(a.due) - new Date(b.due)));
  show.cursors = Object.fromEntries(wanted.map((list, at) => [list, asked[at].next_cursor]));
  return true;
}
export async function load(more = false) {
  const { view } = show;
  if (!await read(view, more)) return;
  // What is left out may be all of a page.
  while (view.leaves && show.items.length < 10 && goesOn()) if (!await read(view, true)) return;
  if (more) return draw();
  $('problem').textContent = '';
  await count(); // with the server's time, on which it depends what can be done
  await choose(show.items.find(one => one.id === show.chosen?.id) ?? show.items[0] ?? null);
}
function draw() {
  const focused = $('list').contains(document.activeElement);
  show.picked = new Set(picked().map(one => one.id));
  $('list').replaceChildren(...show.items.map(one => {
    const [name, ...rest] = show.view.row(one), chosen = show.picked.has(one.id);
    const button = el('button', { type: 'button', className: chosen ? 'picked' : '', onclick: () => choose(one, true).catch(fail) },
      el('span', { className: 'name' }, chosen && el('span', { className: 'pick' }, '✓ Picked: '), name), rest.filter(Boolean));
    button.dataset.id = one.id;
    if (one.id === show.chosen?.id) button.setAttribute('aria-current', 'true');
    return el('li', {}, button);
  }));
  const length = `${show.items.length}${goesOn() ? ' and more' : ''}`;
  $('list-title').textContent = show.items.length ? dots(`${show.view.heading?.() ?? show.view.title}: ${length}`, show.picked.size && `${show.picked.size} picked`) : show.view.nothing;
  $('more').hidden = !goesOn();
  if (!$('also').contains(document.activeElement)) $('also').replaceChildren(...buttonsOf(show.view.also ?? []));
  if (focused) (rowOf(show.chosen ?? {}) ?? $('list-title')).focus({ preventScroll: true });
}
// What can be done with what is shown: each is a button, and a key.
const deedsOf = one => [
  ...show.view.deeds(one),
  ...(show.view.picks ? [['x', show.picked.has(one.id) ? 'Do not pick' : 'Pick', () => pick([one]), 'plain']] : []),
  ...(show.picked.size ? [['o', 'Pick none', () => pick(picked()), 'plain']] : []),
];
export const deedsNow = () => [...show.view.also ?? [], ...(show.shown ? deedsOf(show.shown) : [])];
const buttonsOf = deeds => deeds.map(([letter, text, deed, className = '']) => el('button', {
  type: 'button', className, onclick: () => act(deed), attributes: { 'aria-keyshortcuts': letter },
}, text, el('kbd', {}, letter.toUpperCase())));
function drawDeeds() {
  if (!show.shown) return;
  const focused = $('deeds').contains(document.activeElement) && document.activeElement.getAttribute('aria-keyshortcuts');
  const buttons = buttonsOf(deedsOf(show.shown));
  $('deeds').replaceChildren(...buttons);
  if (focused) (buttons.find(button => button.getAttribute('aria-keyshortcuts') === focused) ?? $('detail-title')).focus({ preventScroll: true });
}
export function pick(all, wanted = !all.every(one => show.picked.has(one.id))) {
  for (const one of all) show.picked[wanted ? 'add' : 'delete'](one.id);
  draw();
  drawDeeds();
  say(show.picked.size ? `${many(show.picked.size, 'thing')} of the list picked.` : 'Nothing is picked.');
}
export async function choose(one, focus = false) {
  Object.assign(show, { chosen: one, shown: null });
  draw();
  const row = one && rowOf(one);
  row?.scrollIntoView({ block: 'nearest' });
  if (focus) (row ?? $('list-title')).focus({ preventScroll: true });
  if (!one) return $('detail').replaceChildren();
  $('detail').setAttribute('aria-busy', 'true');
  const parts = await show.view.detail(one);
  if (show.chosen !== one) return;
  show.shown = one;
  const focused = $('detail').contains(document.activeElement) && document.activeElement.getAttribute('aria-keyshortcuts');
  const beside = el('div');
  $('detail').replaceChildren(...parts.flat().filter(Boolean), el('p', { className: 'row', id: 'deeds' }), beside);
  drawDeeds();
  $('detail').setAttribute('aria-busy', 'false');
  if (focused !== false) ($('deeds').querySelector(`[aria-keyshortcuts="${focused}"]`) ?? $('detail-title')).focus({ preventScroll: true });
  drawBeside(one, beside).catch(problem => { if (show.shown === one) fail(problem); });
}
// What is good to know comes when it comes: nobody waits for it, and it is not asked for where one goes on at once.
async function drawBeside(one, place) {
  await new Promise(done => setTimeout(done, 250));
  if (show.shown === one && show.view.beside) place.replaceChildren(...(await show.view.beside(one)).flat(2));
}
export function replace(one) {
  one = shaped(one);
  show.items = show.items.map(other => other.id === one.id ? one : other);
  if (show.chosen?.id === one.id) choose(one).catch(fail);
  return one;
}
// What is done with leaves the list: the next takes its place, under the same fingers.
export function taken(all, text) {
  const place = show.items.findIndex(other => all.some(one => one.id === other.id));
  show.items = show.items.filter(other => !all.some(one => one.id === other.id));
  say(text);
  choose(show.items[Math.min(Math.max(place, 0), show.items.length - 1)] ?? null, true).catch(fail);
  if (show.items.length < 10 && goesOn()) load(true).catch(fail);
  count().catch(fail);
}
// One deed after the other: what is asked for meanwhile is not done, for it was about something that is not there any more.
export async function act(deed) {
  const { dataset } = $('work');
  if (dataset.busy) return;
  dataset.busy = 'yes';
  $('problem').textContent = '';
  try { await deed(); } catch (problem) {
    fail(problem);
    const one = show.chosen;
    // What others have changed is read again; what is gone leaves the list.
    if (one && ['changed', 'already_decided', 'not_found', 'wrong_state'].includes(problem.code)) await load().catch(fail);
    fail(problem);
  } finally { delete dataset.busy; }
}
