// Decisions on people: of what was seen in a case, whose author is not named, and on the staff.
import { call, pages } from './api.js';
import { ask, field, groundField, select, statementField } from './ask.js';
import { choose, load } from './list.js';
import { show } from './show.js';
import { desk, dots, el, ground, hour, instant, label, local, p, say, theirs } from './words.js';

export const KINDS = { warn: 'A warning', suspend: 'A suspension' };

// What was decided on somebody before, the last first.
export async function sanctionsOf(whose) {
  const before = await pages(`${whose}/sanctions`);
  return before.length ? [el('h3', {}, 'Decided on this person before'), ...before.flatMap(one => [
    p(dots(KINDS[one.decision] ?? label('sanction_kind', one.decision), ground(one.ground), hour(one.decided_at),
      one.until && (one.ended_at ? `ended ${hour(one.ended_at)}` : `until ${hour(one.until)}`),
      one.appeal && (one.appeal.result ? `appeal: ${label('appeal_result', one.appeal.result).toLowerCase()}` : 'appealed')), 'quiet'),
    theirs('div', one.statement)])] : [];
}
export async function sanction(whose, name) {
  const kind = select([['warn', 'Warn'], ['suspend', 'Suspend']]);
  const until = el('input', { type: 'datetime-local', value: local(new Date(desk.now).getTime() + 7 * 86_400_000) });
  const end = field('until', 'The suspension ends (your time)', until, 'In a year at the latest. Until then they cannot sign in.');
  kind.onchange = () => { end.hidden = kind.value !== 'suspend'; };
  kind.onchange();
  const send = ({ until, ...given }) => call('POST', `${whose}/sanctions`, {
    body: { ground: '', statement: '', ...given, ...(given.decision === 'suspend' && until && { until: instant(until) }) },
  });
  const fields = [field('decision', 'Decision', kind, 'What becomes of what they wrote is decided by itself.'), end, groundField(), statementField('statement', 'For them: what they did, and why the ground is about it. It is mailed to them.')];
  const done = await ask({ title: `Warn or suspend ${name}`, fields, button: 'Decide', grave: true, send });
  if (!done) return;
  await (show.view.staff ? load() : choose(show.chosen));
  say(done.decision === 'warn' ? `${name[0].toUpperCase()}${name.slice(1)} is warned.` : `${name[0].toUpperCase()}${name.slice(1)} is suspended until ${hour(done.until)}.`);
}
async function lift(one) {
  const send = async () => { await call('DELETE', `/accounts/${one.id}/suspension`); return one; };
  if (!await ask({ title: `End the suspension of ${one.display_name}`, about: 'They can sign in again with the role that they have, and are told by mail.', button: 'End it', send })) return;
  await load();
  say(`The suspension of ${one.display_name} is over.`);
}
export const people = {
  title: 'Staff', roles: ['admin'], staff: true, lists: () => ['/staff'], nothing: 'There is no staff.',
  keys: [['W', 'warn or suspend somebody of the staff'], ['F', 'end a suspension before its time']],
  row: one => [one.display_name, el('span', { className: one.state === 'suspended' ? 'late' : 'quiet' }, dots(label('role', one.role), one.state !== 'active' && label('account_state', one.state)))],
  detail: async one => [
    el('h2', { id: 'detail-title', tabIndex: -1 }, one.display_name), p(dots(one.email, label('role', one.role), label('account_state', one.state)), 'quiet'),
  ],
  beside: one => sanctionsOf(`/accounts/${one.id}`),
  deeds: one => [
    ['w', 'Warn or suspend', () => sanction(`/accounts/${one.id}`, one.display_name), 'plain'],
    ...(one.state === 'suspended' ? [['f', 'End the suspension', () => lift(one), 'plain']] : []),
  ],
};
