// Notes of colleagues about an idea, which nobody else reads.
import { call, pages } from './api.js';
import { ask, textField } from './ask.js';
import { choose } from './list.js';
import { show } from './show.js';
import { desk, dots, el, hour, p, say } from './words.js';

// Only admins may read who the others are.
let staff = null;
const who = async id => {
  if (id === desk.me.id) return 'you';
  if (desk.me.role !== 'admin') return 'a colleague';
  return (await (staff ??= pages('/staff'))).find(one => one.id === id)?.display_name ?? 'a colleague';
};
export async function noted(idea) {
  const notes = await pages(`/ideas/${idea}/notes`);
  const names = await Promise.all(notes.map(one => who(one.written_by)));
  return notes.length ? [el('h3', {}, 'Notes of colleagues'), ...notes.flatMap((one, at) => [p(dots(names[at], hour(one.written_at)), 'quiet'), el('div', { className: 'text', dir: 'auto' }, one.body)])] : [];
}
export async function writeNote(idea, number) {
  const fields = [textField('body', 'Note', 'For colleagues: it is in no answer, feed or export.', 5000)];
  const done = await ask({ title: `Note on ${number}`, fields, button: 'Keep it', send: (body, once) => call('POST', `/ideas/${idea}/notes`, { body: { body: '', ...body }, once }) });
  if (!done) return;
  await choose(show.chosen);
  say(`The note on ${number} is kept.`);
}
