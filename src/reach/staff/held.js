// What was asked for while the council is quiet: it is done when that is over, unless it is withdrawn.
import { call } from './api.js';
import { ask } from './ask.js';
import { taken } from './list.js';
import { ANSWER, day, desk, dots, el, hour, label, p, theirs } from './words.js';

const name = one => `${label('held_act_kind', one.kind)}: ${one.idea ? `${one.idea} · ${one.idea_title}` : one.challenge_title}`;
// What will be said, as it was sent: words under their names, and nothing that is only for programs.
const sent = body => Object.entries(body ?? {}).filter(([, value]) => typeof value === 'string').flatMap(([field, value]) => [el('h3', {}, field[0].toUpperCase() + field.slice(1).replaceAll('_', ' ')), theirs('div', field === 'kind' ? label('answer_kind', value) : value)]);

async function withdraw(one) {
  const send = () => call('DELETE', `/held-acts/${one.id}`);
  const about = 'It is not done when the council is no longer quiet. Another can be asked for in its place.';
  if (await ask({ title: `Withdraw: ${name(one)}`, about, button: 'Withdraw it', send })) taken([one], `Withdrawn: ${name(one)}.`);
}
export const held = {
  title: 'Held', pile: 'held', roles: ANSWER, nothing: 'Nothing is held.',
  lists: () => ['held', 'failed'].map(state => `/held-acts?state=${state}`),
  order: (a, b) => new Date(b.asked_at) - new Date(a.asked_at),
  keys: [['Y', 'withdraw what is held in a quiet period']],
  row: one => [name(one), el('span', { className: one.state === 'failed' ? 'late' : 'quiet' }, dots(label('held_act_state', one.state), one.state === 'held' && `until ${day(one.until)}`, one.mine && 'yours'))],
  detail: async one => [
    el('h2', { id: 'detail-title', tabIndex: -1, lang: desk.council.language }, name(one)), p(dots(one.challenge_title, `asked for ${hour(one.asked_at)}`, one.mine && 'by you'), 'quiet'),
    one.state === 'held' ? p(`The council is quiet until ${day(one.until)}: it is done then.`) : p(`It could not be done: ${one.detail}`, 'late'),
    ...sent(one.body),
  ],
  deeds: one => one.state === 'held' ? [['y', 'Withdraw', () => withdraw(one), 'plain']] : [],
};
