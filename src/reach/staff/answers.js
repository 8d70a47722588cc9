// Ideas that wait for an answer.
import { call, kept, pages } from './api.js';
import { ask, field, select } from './ask.js';
import { clock, load, taken } from './list.js';
import { noted, writeNote } from './notes.js';
import { ANSWER, desk, el, fail, label, lastDay, p, say, theirs, when } from './words.js';

async function answer(one) {
  const [templates, offices] = await Promise.all([pages('/answer-templates'), pages('/offices')]);
  const kind = select(Object.entries(desk.words.answer_kind), 'accepted'), reason = el('textarea', { maxLength: 20000, lang: desk.council.language });
  const template = select([['', 'None'], ...templates.map(one => [one.id, one.title])]);
  template.onchange = () => {
    const chosen = templates.find(one => one.id === template.value);
    if (chosen) [kind.value, reason.value] = [chosen.kind, chosen.body];
  };
  const fields = [
    templates.length && field('template', 'Template', template, 'Its text goes into the answer, to be changed there.', false),
    field('kind', 'Answer', kind), field('office', 'In the name of', select(offices.map(one => [one.name, one.name]), one.office_name ?? kept('office'))),
    field('reason', 'Why', reason, 'In public, and mailed to the author and all who support it. You can use Markdown.'),
  ].filter(Boolean);
  const send = ({ template: _, ...body }, once) => call('POST', `/ideas/${one.id}/answers`, { body: { reason: '', ...body }, version: one.whole.version, once });
  const again = async () => {
    one.whole = await call('GET', `/ideas/${one.id}`);
    const { state, revision, status, title, body } = one.whole;
    return [p([label('idea_state', state), status && label('idea_status', status), `revision ${revision}`].filter(Boolean).join(' · ')), theirs('div', `${title ?? ''}\n\n${body ?? ''}`)];
  };
  const done = await ask({ title: `Answer ${one.number}`, about: one.title, fields, button: 'Answer in public', send, again });
  if (!done) return;
  kept('office', done.office ?? done.body.office);
  if (done.state === 'held') return taken([one], `The council is quiet until ${done.until}: the answer to ${one.number} is held, and given then.`);
  taken([one], `${one.number} is answered: ${label('answer_kind', done.kind).toLowerCase()}.`);
}
async function assign(one) {
  const offices = await pages('/offices');
  const office = select(offices.map(other => [other.id, other.name]), one.office), officer = el('select');
  // Admins may see who belongs to an office; an officer can take an idea for themselves.
  const people = async () => {
    const admin = desk.me.role === 'admin' && await Promise.all([call('GET', `/offices/${office.value}`), pages('/staff')]);
    const members = admin ? admin[1].filter(other => admin[0].members.includes(other.id)).map(other => [other.id, other.display_name]) : [[desk.me.id, `Me, ${desk.me.display_name}`]];
    officer.replaceChildren(...select([['', 'Anybody of the office'], ...members]).children);
  };
  office.onchange = () => people().catch(fail);
  await people();
  const send = body => call('PUT', `/ideas/${one.id}/assignment`, { body });
  const fields = [field('office', 'Office', office), field('officer', 'Who in it', officer, 'Only staff know of it.', false)];
  const done = await ask({ title: `Assign ${one.number}`, about: one.title, fields, button: 'Assign', send });
  if (!done) return;
  // It stays in the list only where its office is one of yours, which is for the server to say.
  await load();
  say(`${one.number} is for ${done.office_name} to answer.`);
}
export const answers = {
  title: 'Answers', pile: 'answers', roles: ANSWER, lists: () => ['/me/work/answers'], nothing: 'No idea waits for your answer.',
  keys: [['A', 'answer an idea'], ['S', 'assign it to an office'], ['N', 'write a note for colleagues']],
  shape: one => ({ ...one, id: one.idea }),
  row: one => [`${one.number} · ${one.title}`, clock(lastDay(one.answer_due_at), one.overdue), el('span', { className: 'quiet' }, one.office_name ?? 'no office yet')],
  async detail(one) {
    const [idea, given] = await Promise.all([call('GET', `/ideas/${one.id}`), pages(`/ideas/${one.id}/answers`)]);
    one.whole = idea;
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: desk.council.language }, one.title),
      p([one.number, idea.author?.display_name, when(idea.submitted_at, { dateStyle: 'long' }), `${idea.supports} support it`].filter(Boolean).join(' · '), 'quiet'),
      p(clock(lastDay(one.answer_due_at), one.overdue)), p(one.office_name ? `For ${one.office_name} to answer.` : 'No office has it yet.'),
      theirs('div', idea.body ?? ''),
      given.length ? el('h3', {}, 'What was said before') : null,
      ...given.flatMap(other => [p(`${label('answer_kind', other.kind)} · ${other.office} · ${when(other.answered_at, { dateStyle: 'long' })}`, 'quiet'), theirs('div', other.reason)]),
    ];
  },
  beside: one => noted(one.id),
  deeds: one => [['a', 'Answer', () => answer(one)], ['s', 'Assign', () => assign(one), 'plain'], ['n', 'Note', () => writeNote(one.id, one.number), 'plain']],
};
