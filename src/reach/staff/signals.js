// Signals: votes that look as if they did not come from people. Each step is taken on what was read: a signal grows by itself.
import { call, pages } from './api.js';
import { ask, textField } from './ask.js';
import { load } from './list.js';
import { MODERATE, desk, dots, el, hour, label, many, p, say, theirs } from './words.js';

const evidence = ({ evidence: found, kind }) => kind === 'lockstep'
  ? `${many(found.accounts, 'account')} voted within ${many(found.within_seconds, 'second')} of each other, on ${many(found.ideas_in_common, 'idea')} at least. From ${found.threshold} on it is flagged.`
  : `${found.of_new_accounts} of the votes are by accounts that were less than a day old, within ${many(found.within_minutes, 'minute')}${kind === 'one_network' ? ' and from one network' : ''}. From ${found.threshold} on it is flagged.`;
const figures = one => [
  p(dots(label('signal_state', one.state), many(one.votes, 'vote'), `by ${many(one.accounts, 'account')}`, many(one.contested, 'contest'))),
  p(`For ${one.ideas.map(idea => `${idea.number} (${idea.votes})`).join(', ')}, from ${hour(one.from)} until ${hour(one.until)}.`), p(evidence(one)),
];
const STEPS = {
  quarantine: ['Set aside', 'The votes are not counted in the meantime. Their voters are told at once, with the reason, and have seven days to contest.', 'set aside'],
  release: ['Release', 'The votes are counted as before, and their voters are told where the votes had been set aside.', 'released'],
  invalidation: ['Propose to invalidate', 'It takes effect when somebody else of the staff approves.', 'proposed to be invalidated'],
  approval: ['Approve', 'The votes are invalid, and their voters are told with the reasons. It can be reversed for thirty days.', 'invalidated'],
  reversal: ['Reverse', 'The votes are counted as before.', 'counted again'],
};
async function take(one, step) {
  const [title, about, done] = STEPS[step], path = `/signals/${one.id}`;
  const reasoned = step !== 'approval';
  const fields = reasoned ? [textField('reason', 'Reason', 'The voters and everybody else read it.')] : [el('h3', {}, 'The reason'), theirs('div', one.reason ?? '')];
  const send = ({ reason = '' }) => call('POST', `${path}/${step}`, { version: one.version, ...(reasoned && { body: { reason } }) });
  const again = async () => figures(one = await call('GET', path));
  const after = await ask({ title: `${title}: ${many(one.votes, 'vote')}`, about, fields, button: title, grave: step === 'approval', send, again });
  if (!after) return;
  await load();
  say(`${many(after.votes, 'vote is', 'votes are')} ${done}.`);
}
export const signals = {
  title: 'Signals', roles: MODERATE, nothing: 'No signal waits.',
  lists: () => ['open', 'quarantined', 'proposed', 'invalidated'].map(state => `/signals?state=${state}`),
  order: (a, b) => new Date(b.found_at) - new Date(a.found_at),
  keys: [['Q', 'set the votes of a signal aside'], ['F', 'release them, or dismiss the signal'], ['I', 'propose to invalidate them'], ['A', 'approve that, after somebody else'], ['V', 'reverse it']],
  row: one => [`${label('signal_kind', one.kind)}: ${many(one.votes, 'vote')}`, el('span', { className: 'quiet' }, dots(label('signal_state', one.state), one.ideas.map(idea => idea.number).join(', '), one.contested && `${one.contested} contested`))],
  async detail(one) {
    const contests = one.contested ? await pages(`/signals/${one.id}/contests`) : [];
    const said = [['Why they were set aside', one.quarantine_reason], [one.state === 'proposed' ? 'Why they are to be invalidated' : 'Why they were invalidated', one.reason], ['Why that was reversed', one.reversal_reason]];
    return [
      el('h2', { id: 'detail-title', tabIndex: -1 }, `${label('signal_kind', one.kind)}: ${many(one.votes, 'vote')}`), p(`Flagged ${hour(one.found_at)}`, 'quiet'), figures(one),
      p('A reason to look, and no verdict: a class, a shared link or a good speech looks like this, too.'),
      ['quarantined', 'proposed'].includes(one.state) && one.contest_until && p(`Their voters can contest until ${hour(one.contest_until)}.`),
      one.reversible_until && p(`It can be reversed until ${hour(one.reversible_until)}.`),
      one.proposed_by_you && one.state === 'proposed' && p('You have proposed it, so somebody else has to approve.', 'late'),
      said.filter(([, text]) => text).flatMap(([title, text]) => [el('h3', {}, title), theirs('div', text)]),
      contests.length ? [el('h3', {}, 'What was said against it'), ...contests.flatMap(other => [p(hour(other.contested_at), 'quiet'), theirs('div', other.text)])] : null,
    ].flat();
  },
  deeds: one => [
    ...(one.state === 'open' ? [['q', 'Set aside', () => take(one, 'quarantine'), 'plain']] : []),
    ...(one.state === 'quarantined' && !(new Date(one.contest_until) > new Date(desk.now)) ? [['i', 'Propose to invalidate', () => take(one, 'invalidation'), 'plain']] : []),
    ...(one.state === 'proposed' && !one.proposed_by_you ? [['a', 'Approve', () => take(one, 'approval'), 'plain']] : []),
    ...(['open', 'quarantined', 'proposed'].includes(one.state) ? [['f', one.state === 'open' ? 'Dismiss' : 'Release', () => take(one, 'release'), 'plain']] : []),
    ...(one.state === 'invalidated' ? [['v', 'Reverse', () => take(one, 'reversal'), 'plain']] : []),
  ],
};
