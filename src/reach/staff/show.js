// What is shown: which of the lists, what is chosen in it, and what is picked.
import { call } from './api.js';
import { $, desk, el, may } from './words.js';

// `shown` is what can be read: keys decide nothing else, however fast they follow each other.
export const show = { views: {}, view: null, items: [], cursors: {}, chosen: null, shown: null, picked: new Set() };
export const picked = () => show.items.filter(one => show.picked.has(one.id));

// The lists there are for whoever works, and how much waits in each.
export async function count() {
  const work = await call('GET', '/me/work');
  desk.now = work.now;
  $('line').textContent = work.line;
  const mine = Object.entries(show.views).filter(([, view]) => may(view.roles));
  $('tabs').replaceChildren(...mine.map(([name, view], at) => el('a', {
    href: `#${name}`, attributes: { 'aria-keyshortcuts': at + 1, ...(view === show.view && { 'aria-current': 'page' }) },
  }, [view.title, work[view.pile]?.waiting].filter(part => part != null).join(' '))));
  return mine.map(([name]) => name);
}
