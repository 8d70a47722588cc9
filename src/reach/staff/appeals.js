// Appeals: against what was decided about an idea, and on a person.
import { call } from './api.js';
import { ask, field, groundField, select, statementField } from './ask.js';
import { clock, taken } from './list.js';
import { KINDS } from './people.js';
import { MODERATE, desk, el, ground, hour, instant, label, p, theirs } from './words.js';

// A list holds both: what they have in common stands in the same place.
const onPerson = one => Boolean(one.sanction);
const shape = one => onPerson(one)
  ? { ...one, appeal: one.sanction.appeal, against: one.sanction, id: one.sanction.appeal.id, due: one.sanction.appeal.due_at }
  : { ...one, id: one.appeal.id, due: one.appeal.due_at };
const name = one => onPerson(one) ? KINDS[one.against.decision] ?? label('sanction_kind', one.against.decision) : `${one.against.number} · ${one.against.comment ? 'a comment on: ' : ''}${one.against.title}`;
const place = one => `${onPerson(one) ? '/sanction-appeals' : '/appeals'}/${one.id}`;

const restrictions = () => ['return_for_changes', 'hide', 'remove', 'lock'].map(kind => [kind, label('decision_kind', kind)]);
const instead = one => onPerson(one)
  ? [field('until', 'The suspension ends (your time)', el('input', { type: 'datetime-local' }), `Earlier than ${hour(one.against.until)}.`)]
  : [field('decision', 'Decision instead', select(restrictions())), groundField()];

async function decideAppeal(one, result) {
  const amended = result === 'amended';
  const fields = [...(amended ? instead(one) : []), statementField('reasons', 'For who made the appeal.')];
  const more = ({ decision, ground, until }) => onPerson(one) ? { until: instant(until) } : { instead: { decision, ground: ground ?? '' } };
  const send = (given, once) => call('POST', `${place(one)}/decision`, {
    body: { result, reasons: given.reasons ?? '', ...(amended && more(given)) }, version: one.version, once,
  });
  const again = async () => {
    one = shape(await call('GET', place(one)));
    return [p([label('case_state', one.appeal.state), one.against.item_state && label('idea_state', one.against.item_state),
      one.appeal.result && `${label('appeal_result', one.appeal.result)}: ${one.appeal.reasons}`].filter(Boolean).join(' · '))];
  };
  const title = label('appeal_result', result);
  const done = await ask({ title: `${title}: ${onPerson(one) ? name(one) : one.against.number}`, about: one.against.title, fields, button: 'Decide the appeal', send, again });
  if (done) taken([one], `The appeal about ${onPerson(one) ? 'a person' : one.against.number} is decided: ${title.toLowerCase()}.`);
}

export const appeals = {
  title: 'Appeals', pile: 'appeals', roles: MODERATE, lists: () => ['/appeals', '/sanction-appeals'], nothing: 'No appeal waits.',
  keys: [['U', 'uphold the decision that an appeal is against'], ['V', 'reverse it'], ['M', 'amend it']],
  shape,
  row: one => [name(one), clock(hour(one.appeal.due_at), one.appeal.overdue), onPerson(one) ? el('span', { className: 'quiet' }, 'on a person') : null,
    one.may_decide ? null : el('span', { className: 'quiet' }, 'for somebody else: you took the decision')],
  async detail(one) {
    const idea = onPerson(one) ? null : await call('GET', `/cases/${one.case}`);
    const { against } = one;
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, ...(!onPerson(one) && { lang: desk.council.language }) }, onPerson(one) ? name(one) : against.title),
      p([onPerson(one) ? 'on a person, who is not named' : `${against.number} · ${label('idea_state', against.item_state)}`, `appealed ${hour(one.appeal.made_at)}`].join(' · '), 'quiet'),
      p(clock(hour(one.appeal.due_at), one.appeal.overdue)),
      one.may_decide ? null : p('You took the decision that this is against, so somebody else decides the appeal.', 'late'),
      el('h3', {}, 'What they say'), theirs('div', one.appeal.text),
      el('h3', {}, 'What it is against'),
      p(`${onPerson(one) ? name(one) : label('decision_kind', against.decision)}, on the ground “${ground(against.ground)}”, ${hour(against.decided_at)}`),
      against.until ? p(against.ended_at ? `It ended ${hour(against.ended_at)}.` : `It lasts until ${hour(against.until)}.`) : null,
      theirs('div', against.statement ?? ''),
      ...(idea ? [el('h3', {}, against.comment ? 'The comment as it is now' : 'The idea as it is now'), theirs('div', idea.body)] : []),
    ];
  },
  deeds: one => one.may_decide ? [
    ['u', 'Uphold the decision', () => decideAppeal(one, 'upheld'), 'plain'],
    ['v', 'Reverse it', () => decideAppeal(one, 'reversed'), 'plain'],
    // A warning stands, or it is reversed; what has ended cannot end earlier.
    ...(onPerson(one) && (one.against.decision !== 'suspend' || one.against.ended_at) ? [] : [['m', 'Amend it', () => decideAppeal(one, 'amended'), 'plain']]),
  ] : [],
};
