// Commitments: what the council said it will do, what is due first first; their milestones, and what shows that one was reached.
import { call } from './api.js';
import { ask, field, select, textField } from './ask.js';
import { choose, clock, load } from './list.js';
import { show } from './show.js';
import { ANSWER, day, desk, dots, el, label, p, say, theirs, when } from './words.js';

const date = (name, text, hint, value = '') => field(name, text, el('input', { type: 'date', value }), hint);
const today = () => when(desk.now, { dateStyle: 'short' }).split('/').reverse().join('-');
const due = one => clock(day(one.due_on), one.late);

async function status(one) {
  const fields = [field('status', 'How it stands', select(Object.entries(desk.words.commitment_status), one.status)),
    field('status_reason', 'Why', el('textarea', { maxLength: 2000, lang: desk.council.language }), 'In public; needed where it is dropped.', false)];
  const send = body => call('PATCH', `/commitments/${one.id}`, { body, version: one.version });
  const again = async () => { one = await call('GET', `/commitments/${one.id}`); return [p(dots(label('commitment_status', one.status), one.status_reason))]; };
  const done = await ask({ title: `Commitment on ${one.idea_number}`, about: one.what, fields, button: 'Say it in public', send, again });
  if (!done) return;
  await load();
  say(`The commitment on ${one.idea_number}: ${label('commitment_status', done.status).toLowerCase()}.`);
}
async function plan(one) {
  const fields = [field('title', 'What is to be reached', el('input', { maxLength: 300, lang: desk.council.language })),
    date('planned_on', 'By when', `The commitment itself is due ${day(one.due_on)}. The day stays as it is said.`)];
  const send = (body, once) => call('POST', `/commitments/${one.id}/milestones`, { body: { title: '', planned_on: '', ...body }, once });
  const done = await ask({ title: `Milestone on ${one.idea_number}`, about: one.what, fields, button: 'Plan it', send });
  if (!done) return;
  await choose(show.chosen);
  say(`Planned for ${day(done.planned_on)}: ${done.title}.`);
}
async function reach(one) {
  const steps = one.steps, next = steps.find(step => !step.done_on) ?? steps[0];
  const which = select(steps.map(step => [step.id, dots(step.title, step.done_on && `reached ${day(step.done_on)}`)]), next.id);
  const shows = textField('evidence', 'What shows it', 'In public.', 5000);
  const place = id => `/commitments/${one.id}/milestones/${id}`;
  const fields = [field('milestone', 'Milestone', which, 'One that is reached already is put right.'), date('done_on', 'Reached on', '', today()), shows,
    field('evidence_url', 'Where that is to be seen', el('input', { type: 'url' }), 'An address with http or https.', false)];
  const send = ({ milestone, ...body }) => call('PUT', `${place(milestone)}/evidence`, { body: { evidence: '', done_on: '', ...body }, version: steps.find(step => step.id === milestone).version });
  const again = async () => {
    const at = steps.findIndex(step => step.id === which.value);
    steps[at] = await call('GET', place(which.value));
    return shown(steps[at]);
  };
  const done = await ask({ title: `Reached, on ${one.idea_number}`, about: one.what, fields, button: 'Say it in public', send, again });
  if (!done) return;
  await choose(show.chosen);
  say(`Reached ${day(done.done_on)}: ${done.title}.`);
}
const shown = step => [
  p(dots(step.title, step.done_on ? `reached ${day(step.done_on)}` : `planned for ${day(step.planned_on)}`, step.late && 'late'), step.late ? 'late' : ''),
  step.evidence && theirs('div', dots(step.evidence, step.evidence_url)),
];
export const commitments = {
  title: 'Commitments', roles: ANSWER, nothing: 'No commitment is left to keep.',
  lists: () => ['planned', 'in_progress'].map(word => `/commitments?status=${word}`),
  keys: [['S', 'say how a commitment stands'], ['M', 'plan a milestone'], ['E', 'say that one was reached, and what shows it']],
  shape: one => ({ ...one, due: one.due_on }),
  row: one => [`${one.idea_number} · ${one.what}`, due(one), el('span', { className: 'quiet' }, dots(label('commitment_status', one.status), one.office))],
  async detail(one) {
    one.steps = (await call('GET', `/commitments/${one.id}/milestones`)).items;
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: desk.council.language }, one.what), p(dots(`${one.idea_number} · ${one.idea_title}`, one.office, label('commitment_status', one.status)), 'quiet'), p(due(one)),
      one.status_reason && theirs('div', one.status_reason),
      el('h3', {}, one.steps.length ? 'Milestones' : 'No milestone is planned.'), ...one.steps.flatMap(shown),
    ];
  },
  deeds: one => [
    ['s', 'Say how it stands', () => status(one)],
    ['m', 'Plan a milestone', () => plan(one), 'plain'],
    ...(one.steps.length ? [['e', 'Reach a milestone', () => reach(one), 'plain']] : []),
  ],
};
