// The keys: each does what a button does, and `?` lists them.
import { kept } from './api.js';
import { takeBack, waits } from './batch.js';
import { lookAgain } from './cases.js';
import { act, choose, deedsNow, load, pick } from './list.js';
import { show } from './show.js';
import { $, el, fail, may } from './words.js';

const ALWAYS = [
  ['J or ↓', 'the next in the list'], ['K or ↑', 'the one before'], ['Enter', 'from the list to the text beside it'],
  ['1, 2, 3 …', 'the lists above, from the left'], ['L', 'load the list anew'], ['X', 'pick what is chosen in the list, or leave it'],
  ['Shift ↓ or ↑', 'go on and pick'], ['O', 'pick none'], ['Ctrl Enter', 'send what you wrote'], ['Esc', 'close without sending'], ['?', 'this list'],
];
const rows = keys => keys.map(([name, does]) => el('tr', {}, el('td', {}, el('kbd', {}, name)), el('td', {}, does)));
function showKeys() {
  const views = Object.values(show.views).filter(view => may(view.roles)).sort((a, b) => (b === show.view) - (a === show.view));
  $('keys-of').replaceChildren(...[['Everywhere', ALWAYS], ...views.map(view => [view.title, view.keys])].flatMap(([title, keys]) =>
    [el('tr', {}, el('th', { colSpan: 2, scope: 'rowgroup' }, title)), ...rows(keys)]));
  $('keys').showModal();
}
$('single').checked = kept('single') !== 'off';
$('single').onchange = () => kept('single', $('single').checked ? 'on' : 'off');
$('help').onclick = showKeys;
$('undo-button').onclick = () => act(takeBack);

const next = by => show.items[show.items.findIndex(one => one.id === show.chosen?.id) + by];
const step = by => { if (next(by)) choose(next(by), true).catch(fail); };
function goPicking(by) {
  const both = [show.chosen, next(by)].filter(Boolean);
  step(by);
  if (both.length) pick(both, true);
}
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') || !show.view) return;
  if (event.target.closest('input, select, textarea')) return;
  const inList = event.target.closest('#list'), arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (inList && event.key === 'Enter') { event.preventDefault(); return $('detail-title')?.focus(); }
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const deeds = {
    '?': showKeys, j: () => step(1), k: () => step(-1), l: () => act(() => load()), z: () => act(lookAgain),
    ...(inList && arrow && { [event.key]: () => event.shiftKey && show.view.picks ? goPicking(arrow) : step(arrow) }),
    ...(waits() && { t: () => act(takeBack) }),
  };
  for (const [at, tab] of [...$('tabs').children].entries()) deeds[at + 1] = () => tab.click();
  for (const [name, , deed] of deedsNow()) deeds[name] = () => act(deed);
  // Picking needs nothing to be read first, and nothing is done by it.
  if (show.view.picks && show.chosen) deeds.x = () => pick([show.chosen]);
  if (!deeds[letter] || (letter.length === 1 && !$('single').checked)) return;
  event.preventDefault();
  if (!event.repeat || inList && arrow || 'jk'.includes(letter)) deeds[letter]();
});
