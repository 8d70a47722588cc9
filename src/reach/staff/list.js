// The list and what is chosen in it.
import { call } from './api.js';
import { $, el, fail, say } from './words.js';

// `shown` is what can be read: keys decide nothing else, however fast they follow each other.
export const show = { views: {}, view: null, items: [], cursors: {}, chosen: null, shown: null };
export const rowOf = one => $('list').querySelector(`[data-id="${one.id}"]`);

const goesOn = () => Object.values(show.cursors).some(Boolean);
export const clock = (due, overdue) => el('span', { className: overdue ? 'late' : 'quiet' }, `${overdue ? 'Overdue: it was due' : 'Due'} by ${due}`);

export async function load(more = false) {
  const { view, cursors } = show;
  const wanted = view.lists.filter(list => !more || cursors[list]);
  const asked = await Promise.all(wanted.map(list => call('GET', `${list}?limit=50${more ? `&cursor=${encodeURIComponent(cursors[list])}` : ''}`)));
  if (view !== show.view) return; // one has gone on meanwhile
  const fresh = asked.flatMap(page => page.items.map(view.shape ?? (one => one)));
  const before = more ? show.items : [];
  show.items = [...before, ...fresh.filter(one => !before.some(other => other.id === one.id))];
  // Where a pile has two lists, what is due first is first in both of them together.
  if (view.lists.length > 1) show.items.sort((a, b) => new Date(a.due) - new Date(b.due));
  show.cursors = Object.fromEntries(wanted.map((list, at) => [list, asked[at].next_cursor]));
  if (more) return draw();
  $('problem').textContent = '';
  await choose(show.items.find(one => one.id === show.chosen?.id) ?? show.items[0] ?? null);
  await count();
}
function draw() {
  const focused = $('list').contains(document.activeElement);
  $('list').replaceChildren(...show.items.map(one => {
    const [name, ...rest] = show.view.row(one);
    const button = el('button', { type: 'button', onclick: () => choose(one, true).catch(fail) }, el('span', { className: 'name' }, name), rest.filter(Boolean));
    button.dataset.id = one.id;
    if (one.id === show.chosen?.id) button.setAttribute('aria-current', 'true');
    return el('li', {}, button);
  }));
  $('list-title').textContent = show.items.length ? `${show.view.title}: ${show.items.length}${goesOn() ? ' and more' : ''}` : show.view.nothing;
  $('more').hidden = !goesOn();
  if (focused) rowOf(show.chosen ?? {})?.focus({ preventScroll: true });
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
  const buttons = show.view.deeds(one).map(([letter, text, deed, className = '']) => el('button', {
    type: 'button', className, onclick: () => act(deed), attributes: { 'aria-keyshortcuts': letter },
  }, text, el('kbd', {}, letter.toUpperCase())));
  const focused = $('detail').contains(document.activeElement) && document.activeElement.getAttribute('aria-keyshortcuts');
  $('detail').replaceChildren(...parts.filter(Boolean), el('p', { className: 'row' }, buttons));
  $('detail').setAttribute('aria-busy', 'false');
  if (focused !== false) (buttons.find(button => button.getAttribute('aria-keyshortcuts') === focused) ?? $('detail-title')).focus({ preventScroll: true });
}
export function replace(one) {
  one = (show.view.shape ?? (one => one))(one);
  show.items = show.items.map(other => other.id === one.id ? one : other);
  if (show.chosen?.id === one.id) choose(one).catch(fail);
  return one;
}
// Something is done with: the next in the list takes its place, under the same fingers.
export function taken(one, text) {
  const place = show.items.findIndex(other => other.id === one.id);
  show.items = show.items.filter(other => other.id !== one.id);
  say(text);
  choose(show.items[Math.min(Math.max(place, 0), show.items.length - 1)] ?? null, true).catch(fail);
  if (show.items.length < 10 && goesOn()) load(true).catch(fail);
  count().catch(fail);
}
let busy = false;
export async function act(deed) {
  if (busy) return;
  busy = true;
  $('problem').textContent = '';
  try { await deed(); } catch (problem) {
    fail(problem);
    const one = show.chosen;
    // What others have changed is read again; what is gone leaves the list.
    if (one && ['changed', 'already_decided', 'not_found', 'wrong_state'].includes(problem.code)) await load().catch(fail);
    fail(problem);
  } finally { busy = false; }
}
export async function count() {
  const work = await call('GET', '/me/work');
  $('line').textContent = work.line;
  const shown = Object.entries(show.views).filter(([, view]) => work[view.pile]);
  $('tabs').replaceChildren(...shown.map(([name, view], at) => el('a', {
    href: `#${name}`, attributes: { 'aria-keyshortcuts': at + 1, ...(view === show.view && { 'aria-current': 'page' }) },
  }, `${view.title} ${work[view.pile].waiting}`)));
  return shown.map(([name]) => name);
}
