// Ideas that are public, the newest first: merging those that say the same, notes, looking at one again, committing to one.
import { call, pages } from './api.js';
import { ask, field, select, textField } from './ask.js';
import { choose, clock, load } from './list.js';
import { noted, writeNote } from './notes.js';
import { picked, show } from './show.js';
import { $, ANSWER, MODERATE, desk, dots, el, hour, label, lastDay, may, p, say, theirs, when } from './words.js';

let wanted = '', onlyRunning = false; // the words that those in the list have, and whether a proposal to merge them has to run
const lists = () => desk.challenges.map(one => `/challenges/${one.id}/ideas?state=published${wanted && `&q=${encodeURIComponent(wanted)}`}`);
async function find() {
  const words = el('input', { type: 'search', value: wanted, maxLength: 200 });
  const fields = [field('words', 'Words', words, 'Those ideas that have all of them. Leave it empty to see all.', false)];
  const done = await ask({ title: 'Find ideas', fields, button: 'Find', send: async ({ words = '' }) => ({ words }) });
  if (!done) return;
  wanted = done.words;
  await load();
  say($('list-title').textContent);
}
// The proposals that run, of all of a page at once.
async function dress(all) {
  for (let at = 0; at < all.length; at += 100) {
    const asked = await call('GET', `/me/state?ideas=${all.slice(at, at + 100).map(one => one.id).join(',')}`);
    for (const { idea, merges } of asked.ideas) all.find(one => one.id === idea).running = merges.length;
  }
}
async function toggle() {
  onlyRunning = !onlyRunning;
  await load();
  say($('list-title').textContent);
}
const numbers = one => one.ideas.map(source => source.number).join(', ');
const mergeText = one => [
  p(dots(label('merge_state', one.state), `${numbers(one)} into ${one.into.number}`, one.state === 'proposed' ? `until ${hour(one.choose_by)} those who support them can choose` : one.ended_at && hour(one.ended_at)), 'quiet'),
  theirs('div', one.reason),
  ...one.ideas.filter(source => source.left_because).map(source => p(`${source.number} stays by itself: ${label('left_because', source.left_because).toLowerCase()}.`)),
  ...[['Withdrawn', one.withdrawal_reason], ['Undone', one.reversal_reason]].filter(([, reason]) => reason).map(([what, reason]) => p(`${what}: ${reason}`)),
];
async function merge(one) {
  const given = picked().filter(other => other.id !== one.id).map(other => other.number).join(' ');
  const fields = [
    field('ideas', 'Ideas to be joined to it', el('input', { value: given }), 'Their numbers, twenty at most. You can pick them in the list before.'),
    field('days', 'Days to choose in', el('input', { type: 'number', min: 3, value: 7 }), 'Authors and supporters are told at once, and choose whether their support counts here.'),
    textField('reason', 'Why', 'Everybody reads it.'),
  ];
  const send = async ({ ideas = '', days, reason = '' }, once) => {
    const named = ideas.split(/[\s,;]+/).filter(Boolean);
    try {
      return await call('POST', `/ideas/${one.id}/merges`, { body: { ideas: named, reason, ...(days && { days: Number(days) }) }, once });
    } catch (problem) { // one fault for each idea, in one field
      for (const fault of problem.errors ?? []) {
        const at = fault.pointer.match(/^\/ideas\/(\d+)/)?.[1];
        if (at) fault.detail = `${named[at]}: ${fault.detail}`;
      }
      throw problem;
    }
  };
  const done = await ask({ title: `Merge others into ${one.number}`, about: one.title, fields, button: 'Propose it', send });
  if (!done) return;
  show.picked.clear();
  await choose(show.chosen);
  say(`It is proposed to merge ${numbers(done)} into ${one.number}, until ${hour(done.choose_by)}.`);
}
async function endMerge(one, way, title, told) {
  const fields = [textField('reason', 'Why', 'Everybody reads it.')];
  const send = ({ reason = '' }) => call('POST', `/merges/${one.id}/${way}`, { body: { reason } });
  if (!await ask({ title, about: `${numbers(one)} into ${one.into.number}`, fields, button: title, send })) return;
  await load();
  say(told);
}
async function lookAt(one) {
  const made = await call('POST', `/ideas/${one.id}/cases`);
  await load();
  say(`${made.number} is in the queue.`);
}
async function commit(one) {
  const offices = await pages('/offices');
  const fields = [
    field('what', 'What will be done', el('textarea', { maxLength: 2000, lang: desk.council.language })), field('office', 'By which office', select(offices.map(office => [office.name, office.name]))),
    field('due_on', 'By when', el('input', { type: 'date' }), 'The last day. It stays as it was said: what comes later is shown as late.'),
  ];
  const send = (given, once) => call('POST', `/ideas/${one.id}/commitments`, { body: { what: '', due_on: '', ...given }, once });
  const done = await ask({ title: `Commit to ${one.number}`, about: one.title, fields, button: 'Say it in public', send });
  if (done) say(`Said in public: ${done.office} does it by ${done.due_on}.`);
}
export const ideas = {
  title: 'Ideas', heading: () => `Ideas${onlyRunning ? ' that are to be merged' : ''}${wanted && ` with “${wanted}”`}`, roles: [...MODERATE, 'officer'], lists, dress, leaves: one => onlyRunning && !one.running, picks: true, nothing: 'There is no such idea.',
  order: (a, b) => new Date(b.submitted_at) - new Date(a.submitted_at),
  keys: [['F', 'find ideas by words'], ['M', 'propose to merge others into an idea: those picked, or by number'], ['R', 'only those of which a proposal to merge runs, or all again'], ['Y', 'withdraw a proposal to merge'], ['U', 'undo a merge'],
    ['I', 'put an idea into the queue, to be looked at again'], ['N', 'write a note for colleagues'], ['C', 'commit to an idea that was accepted']],
  also: [['f', 'Find', find, 'plain'], ['r', 'Running merges, or all', toggle, 'plain']],
  row: one => [`${one.number} · ${one.title}`, el('span', { className: 'quiet' }, dots(label('idea_status', one.status), `${one.supports} support it`, one.running && 'to be merged'))],
  async detail(one) {
    const merges = one.merges = (await call('GET', `/ideas/${one.id}/merges`)).items;
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: desk.council.language }, one.title),
      p(dots(one.number, one.author?.display_name, when(one.submitted_at, { dateStyle: 'long' }), label('idea_status', one.status), `${one.supports} support it`), 'quiet'),
      one.status === 'awaiting_answer' && p(clock(lastDay(one.answer_due_at), one.overdue)), theirs('div', one.body ?? ''),
      merges.length ? [el('h3', {}, 'Merges'), merges.flatMap(mergeText)].flat() : null,
    ];
  },
  beside: one => noted(one.id),
  deeds: one => {
    const [running, done] = ['proposed', 'carried_out'].map(state => one.merges.find(other => other.state === state));
    return [
      ...(!may(MODERATE) ? [] : [
        ['m', picked().some(other => other.id !== one.id) ? 'Merge those picked into it' : 'Merge others into it', () => merge(one), 'plain'],
        ...(running ? [['y', 'Withdraw the proposal', () => endMerge(running, 'withdrawal', 'Withdraw the proposal', 'The proposal is withdrawn: nothing is merged.'), 'plain']] : []),
        ...(done ? [['u', 'Undo the merge', () => endMerge(done, 'reversal', 'Undo the merge', 'The merge is undone: each stands by itself again.'), 'plain']] : []),
        ['i', 'Look at it again', () => lookAt(one), 'plain'],
      ]),
      ['n', 'Note', () => writeNote(one.id, one.number), 'plain'],
      ...(may(ANSWER) && /accepted/.test(one.status) ? [['c', 'Commit to it', () => commit(one), 'plain']] : []),
    ];
  },
};
