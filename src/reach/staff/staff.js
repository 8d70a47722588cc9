// A client of the public API and of nothing else. What people wrote is put in as text and never as markup; the policy that
// the page comes with has the browser refuse anything else.
const $ = id => document.getElementById(id);
function el(tag, props = {}, ...children) {
  const { attributes = {}, ...rest } = props;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat().filter(child => child != null));
  return element;
}
const kept = (name, value) => value === undefined ? sessionStorage.getItem(`staff ${name}`)
  : value === null ? sessionStorage.removeItem(`staff ${name}`) : sessionStorage.setItem(`staff ${name}`, value);

// ---- The API: refusals (RFC 9457) are shown as told; decide by `code` -----------------------------------------------------
class Problem extends Error {
  constructor({ code, title, detail, errors = [] }) { super(detail); Object.assign(this, { code, title, errors }); }
}
let slug = new URLSearchParams(location.search).get('council') || kept('council') || '';
const home = () => `/v1/councils/${encodeURIComponent(slug)}`;
const session = () => JSON.parse(kept('session'));
const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');

async function call(method, path, { body, version, once, again = true } = {}) {
  const token = session()?.access_token;
  const headers = {
    ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }),
    ...(version && { 'if-match': `"${version}"` }), ...(once && { 'idempotency-key': once }),
  };
  const response = await fetch(home() + path, { method, headers, body: body && JSON.stringify(body) }).catch(() => {
    throw new Problem({ code: 'offline', detail: 'The server does not answer, so nobody knows whether it was done. Check your connection, then try again.' });
  });
  const data = await response.json().catch(() => null); // 204 has no body, and what a proxy says is not JSON
  if (response.ok) return data;
  const problem = new Problem(data?.code ? data : { code: 'internal', detail: `The server answered ${response.status}. Try again later.` });
  if (problem.code === 'token_expired' && again) {
    await refresh(token);
    return call(method, path, { body, version, once, again: false });
  }
  if (problem.code === 'bad_token') { kept('session', null); showSignIn(); }
  throw problem;
}
// A refresh token is good once: calls whose token ran out together share one refresh.
let refreshing = null;
async function refresh(refused) {
  if (session()?.access_token !== refused) return;
  refreshing ??= call('POST', '/sessions/refresh', { body: { refresh_token: session().refresh_token }, again: false })
    .then(pair => kept('session', JSON.stringify(pair)), problem => {
      if (/bad_/.test(problem.code)) { kept('session', null); showSignIn(); }
      throw problem;
    }).finally(() => { refreshing = null; });
  await refreshing;
}
const pages = async path => { // lists that are short by nature
  const items = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await call('GET', `${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
};

// ---- Words and days -------------------------------------------------------------------------------------------------------
let council, me, words, grounds;
const label = (list, word) => words[list]?.[word] ?? word; // a word that is newer than this page is shown as it is
const when = (instant, options) => new Intl.DateTimeFormat('en-GB', { timeZone: council.time_zone, ...options }).format(new Date(instant));
const hour = instant => when(instant, { dateStyle: 'medium', timeStyle: 'short' });
const lastDay = instant => when(new Date(instant) - 1, { dateStyle: 'long' }); // midnight ends the day before it
const ground = code => grounds.find(one => one.code === code)?.title ?? code;
const say = text => { $('said').textContent = text; };
// Where single faults are told, the detail of the whole is for programs.
const told = (problem, faults = problem.errors ?? []) => [problem.errors?.length ? `${problem.title}.` : problem.message, ...faults.map(fault => fault.detail)].join(' ');
const fail = problem => { $('problem').textContent = told(problem); };
const p = (text, className = '') => el('p', { className }, text);
const theirs = (tag, text) => el(tag, { className: tag === 'div' ? 'text' : '', lang: council.language, dir: 'auto' }, text);

// What screeners found is marked where it stands. Places count code points, as Array.from does.
function marked(text, field, findings) {
  const places = findings.filter(one => one.place?.field === field).map(one => one.place).sort((a, b) => a.start - b.start);
  const points = Array.from(text), parts = [];
  let at = 0;
  for (const { start, end } of places) {
    if (end <= at) continue;
    parts.push(points.slice(at, start).join(''), el('mark', {}, points.slice(Math.max(start, at), end).join('')));
    at = end;
  }
  return [...parts, points.slice(at).join('')];
}

// ---- Asking: a dialog, whose refusals stand at the fields that they are about ----------------------------------------------
function field(name, text, input, hint = '', required = true) {
  Object.assign(input, { id: `ask-${name}`, name, required });
  input.setAttribute('aria-describedby', `ask-${name}-hint ask-${name}-fault`);
  return el('div', { className: 'field' }, el('label', { htmlFor: input.id }, text),
    el('p', { className: 'quiet', id: `ask-${name}-hint` }, hint), input, el('p', { className: 'fault', id: `ask-${name}-fault` }));
}
const select = (options, chosen) => el('select', {}, options.map(([value, text]) => el('option', { value, selected: value === chosen }, text)));

// Gives what was answered to `send`, or nothing where it was called off. The browser keeps the focus inside, and gives it back.
function ask({ title, about, fields, button, grave, send }) {
  const dialog = $('dialog'), fault = el('p', { className: 'fault', attributes: { role: 'alert' } });
  const sender = el('button', { className: grave ? 'grave' : '' }, button, el('kbd', {}, 'Ctrl Enter'));
  const form = el('form', { noValidate: true }, el('h2', { id: 'dialog-title' }, title), about && p(about, 'quiet'), fields, fault,
    el('p', { className: 'row' }, sender, el('button', { type: 'button', className: 'plain', onclick: () => dialog.close() }, 'Not now', el('kbd', {}, 'Esc'))));
  const once = key();
  return new Promise(resolve => {
    let sent = null, sending = false;
    form.onsubmit = async event => {
      event.preventDefault();
      if (sending) return;
      sending = true;
      fault.textContent = '';
      for (const input of form.elements) if (input.name) { input.removeAttribute('aria-invalid'); $(`${input.id}-fault`).textContent = ''; }
      try {
        sent = await send(Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim() !== '')), once);
        dialog.close();
      } catch (problem) {
        const about = problem.errors?.map(one => [form.elements[one.pointer.split('/').pop()], one]) ?? [];
        for (const [input, one] of about) {
          if (!input) continue;
          input.setAttribute('aria-invalid', 'true');
          $(`${input.id}-fault`).textContent = one.detail;
        }
        fault.textContent = told(problem, about.filter(([input]) => !input).map(([, one]) => one));
        about.find(([input]) => input)?.[0].focus();
      } finally { sending = false; }
    };
    form.onkeydown = event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit(); };
    dialog.onclose = () => { dialog.replaceChildren(); resolve(sent); };
    dialog.replaceChildren(form);
    dialog.showModal();
    form.querySelector('select, input, textarea')?.focus();
  });
}
const groundField = () => field('ground', 'Ground', select([['', 'Choose one'], ...grounds.map(one => [one.code, one.title])]), 'Which of the council’s rules it is about.');
const statementField = name => field(name, name === 'reasons' ? 'Reasons' : 'Statement of reasons', el('textarea', { maxLength: 4000 }),
  name === 'reasons' ? 'For who made the appeal.' : 'For its author: what is wrong, and what they can do. It is mailed to them.');

// ---- Cases ----------------------------------------------------------------------------------------------------------------
const clock = (due, overdue) => el('span', { className: overdue ? 'late' : 'quiet' }, `${overdue ? 'Overdue: it was due' : 'Due'} by ${due}`);
const anew = async path => { const one = await call('GET', path); return show.items.some(other => other.id === one.id) ? replace(one) : one; };

async function restrict(one, kind) {
  // Whoever writes to an author has the case in hand meanwhile, so that nobody else writes the same.
  const mine = one.claim?.mine;
  if (!mine) one = replace(await call('PUT', `/cases/${one.id}/claim`, { version: one.version }));
  const fields = [groundField(), statementField('statement')];
  const send = (body, once) => call('POST', `/cases/${one.id}/decision`, { body: { decision: kind, ...body }, version: one.version, once });
  const [title, grave] = kind === 'hide' ? ['Hide', false] : ['Remove for good', true];
  const done = await ask({ title: `${title}: ${one.number}`, about: one.title, fields, button: title, grave, send });
  if (done) return decided(one, done);
  if (!mine) await call('DELETE', `/cases/${one.id}/claim`);
  await anew(`/cases/${one.id}`);
}
let last = null; // what was decided last
function decided(one, done) {
  last = one;
  taken(one, `${one.number}: ${label('idea_state', done.item_state).toLowerCase()}.`);
}
const cases = {
  title: 'Queue', pile: 'cases', list: '/cases', one: id => `/cases/${id}`, nothing: 'The queue is empty.',
  row: one => [`${one.number} · ${one.title}`, clock(hour(one.due_at), one.overdue),
    el('span', { className: 'quiet' }, [label('case_reason', one.reason), one.findings.length && `${one.findings.length} found`, one.reports && `${one.reports} reported`,
      one.claim && (one.claim.mine ? 'in your hands' : `with ${one.claim.by}`)].filter(Boolean).join(' · '))],
  async detail(one) {
    const reports = one.reports ? await call('GET', `/cases/${one.id}/reports`) : null;
    // Places of an earlier revision are places in a text that is not here.
    const here = one.findings.filter(found => found.revision === one.revision);
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: council.language }, marked(one.title, 'title', here)),
      p([one.number, one.author, label('case_reason', one.reason), label('idea_state', one.item_state), `revision ${one.revision}`].filter(Boolean).join(' · '), 'quiet'),
      p(clock(hour(one.due_at), one.overdue)),
      one.claim && p(one.claim.mine ? `You have it in hand until ${hour(one.claim.until)}.` : `${one.claim.by} has it in hand until ${hour(one.claim.until)}.`, one.claim.mine ? '' : 'late'),
      el('div', { className: 'text', lang: council.language, dir: 'auto' }, marked(one.body, 'body', here)),
      one.findings.length ? [el('h3', {}, 'What screening found'), el('ul', {}, one.findings.map(found => el('li', {}, found.revision === one.revision ? found.detail : `${found.detail} In revision ${found.revision}, which is not shown.`)))] : null,
      reports && [el('h3', {}, `Reported by ${reports.count}`),
        el('ul', {}, reports.reasons.map(reason => el('li', {}, `${label('report_reason', reason.reason)}: ${reason.count}`)),
          reports.words.map(said => el('li', {}, `${label('report_reason', said.reason)}, of revision ${said.revision}: `, theirs('q', said.words))))],
    ].flat();
  },
  deeds: one => [
    ['p', one.item_state === 'published' ? 'Leave it public' : 'Publish', async () => decided(one, await call('POST', `/cases/${one.id}/decision`, { body: { decision: 'publish' }, version: one.version, once: key() }))],
    ['h', 'Hide', () => restrict(one, 'hide'), 'plain'],
    ['r', 'Remove', () => restrict(one, 'remove'), 'plain'],
    one.claim?.mine
      ? ['c', 'Let go', async () => { await call('DELETE', `/cases/${one.id}/claim`); await anew(`/cases/${one.id}`); say(`${one.number} is in nobody’s hands.`); }, 'plain']
      : ['c', 'Take in hand', async () => { replace(await call('PUT', `/cases/${one.id}/claim`, { version: one.version })); say(`${one.number} is in your hands for half an hour.`); }, 'plain'],
  ],
};

// ---- Appeals --------------------------------------------------------------------------------------------------------------
async function decideAppeal(one, result) {
  const fields = [statementField('reasons')];
  if (result === 'amended') {
    const restrictions = ['hide', 'remove'].map(kind => [kind, label('decision_kind', kind)]);
    fields.unshift(field('decision', 'Decision instead', select(restrictions)), groundField());
  }
  const send = ({ reasons = '', decision, ground }, once) => call('POST', `/appeals/${one.id}/decision`, {
    body: { result, reasons, ...(result === 'amended' && { instead: { decision, ground: ground ?? '' } }) }, version: one.version, once,
  });
  const title = label('appeal_result', result);
  const done = await ask({ title: `${title}: ${one.against.number}`, about: one.against.title, fields, button: 'Decide the appeal', send });
  if (done) taken(one, `The appeal about ${one.against.number} is decided: ${title.toLowerCase()}.`);
}
const appeals = {
  title: 'Appeals', pile: 'appeals', list: '/appeals', one: id => `/appeals/${id}`, nothing: 'No appeal waits.',
  shape: one => ({ ...one, id: one.appeal.id }),
  row: one => [`${one.against.number} · ${one.against.title}`, clock(hour(one.appeal.due_at), one.appeal.overdue),
    one.may_decide ? null : el('span', { className: 'quiet' }, 'for somebody else: you took the decision')],
  async detail(one) {
    const idea = await call('GET', `/cases/${one.case}`);
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: council.language }, one.against.title),
      p(`${one.against.number} · ${label('idea_state', one.against.item_state)} · appealed ${hour(one.appeal.made_at)}`, 'quiet'),
      p(clock(hour(one.appeal.due_at), one.appeal.overdue)),
      one.may_decide ? null : p('You took the decision that this is against, so somebody else decides the appeal.', 'late'),
      el('h3', {}, 'What they say'), theirs('div', one.appeal.text),
      el('h3', {}, 'What it is against'),
      p(`${label('decision_kind', one.against.decision)}, on the ground “${ground(one.against.ground)}”, ${hour(one.against.decided_at)}`), theirs('div', one.against.statement ?? ''),
      el('h3', {}, 'The idea as it is now'), theirs('div', idea.body),
    ];
  },
  deeds: one => one.may_decide ? [
    ['u', 'Uphold the decision', () => decideAppeal(one, 'upheld'), 'plain'],
    ['v', 'Reverse it', () => decideAppeal(one, 'reversed'), 'plain'],
    ['m', 'Amend it', () => decideAppeal(one, 'amended'), 'plain'],
  ] : [],
};

// ---- Answers --------------------------------------------------------------------------------------------------------------
async function answer(one) {
  const [templates, offices] = await Promise.all([pages('/answer-templates'), pages('/offices')]);
  const kind = select(Object.entries(words.answer_kind), 'accepted'), reason = el('textarea', { maxLength: 20000, lang: council.language });
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
  const done = await ask({ title: `Answer ${one.number}`, about: one.title, fields, button: 'Answer in public', send });
  if (!done) return;
  kept('office', done.office ?? done.body.office);
  if (done.state === 'held') return taken(one, `The council is quiet until ${done.until}: the answer to ${one.number} is held, and given then.`);
  taken(one, `${one.number} is answered: ${label('answer_kind', done.kind).toLowerCase()}.`);
}
async function assign(one) {
  const offices = await pages('/offices');
  const office = select(offices.map(other => [other.id, other.name]), one.office), officer = el('select');
  // Admins may see who belongs to an office; an officer can take an idea for themselves.
  const people = async () => {
    const admin = me.role === 'admin' && await Promise.all([call('GET', `/offices/${office.value}`), pages('/staff')]);
    const members = admin ? admin[1].filter(other => admin[0].members.includes(other.id)).map(other => [other.id, other.display_name]) : [[me.id, `Me, ${me.display_name}`]];
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
const answers = {
  title: 'Answers', pile: 'answers', list: '/me/work/answers', nothing: 'No idea waits for your answer.',
  shape: one => ({ ...one, id: one.idea }),
  row: one => [`${one.number} · ${one.title}`, clock(lastDay(one.answer_due_at), one.overdue), el('span', { className: 'quiet' }, one.office_name ?? 'no office yet')],
  async detail(one) {
    const [idea, given] = await Promise.all([call('GET', `/ideas/${one.id}`), pages(`/ideas/${one.id}/answers`)]);
    one.whole = idea;
    return [
      el('h2', { id: 'detail-title', tabIndex: -1, lang: council.language }, one.title),
      p([one.number, idea.author?.display_name, when(idea.submitted_at, { dateStyle: 'long' }), `${idea.supports} support it`].filter(Boolean).join(' · '), 'quiet'),
      p(clock(lastDay(one.answer_due_at), one.overdue)), p(one.office_name ? `For ${one.office_name} to answer.` : 'No office has it yet.'),
      theirs('div', idea.body ?? ''),
      given.length ? el('h3', {}, 'What was said before') : null,
      ...given.flatMap(other => [p(`${label('answer_kind', other.kind)} · ${other.office} · ${when(other.answered_at, { dateStyle: 'long' })}`, 'quiet'), theirs('div', other.reason)]),
    ];
  },
  deeds: one => [['a', 'Answer', () => answer(one)], ['s', 'Assign', () => assign(one), 'plain']],
};

// ---- The list and what is chosen in it ------------------------------------------------------------------------------------
const views = { queue: cases, appeals, answers };
// `shown` is what can be read: keys decide nothing else, however fast they follow each other.
const show = { view: null, items: [], cursor: null, chosen: null, shown: null };
const rowOf = one => $('list').querySelector(`[data-id="${one.id}"]`);

async function load(more = false) {
  const { view } = show;
  const page = await call('GET', `${view.list}?limit=50${more && show.cursor ? `&cursor=${encodeURIComponent(show.cursor)}` : ''}`);
  if (view !== show.view) return; // one has gone on meanwhile
  const fresh = page.items.map(view.shape ?? (one => one));
  const before = more ? show.items : [];
  show.items = [...before, ...fresh.filter(one => !before.some(other => other.id === one.id))];
  show.cursor = page.next_cursor;
  if (more) return draw();
  $('problem').textContent = '';
  await choose(show.items.find(one => one.id === show.chosen?.id) ?? show.items[0] ?? null);
  await count();
}
function draw() {
  const focused = $('list').contains(document.activeElement);
  $('list').replaceChildren(...show.items.map(one => {
    const [name, ...rest] = show.view.row(one);
    const button = el('button', { type: 'button', onclick: () => choose(one, true).catch(fail) }, el('span', { className: 'name' }, name), rest.filter(Boolean));
    button.dataset.id = one.id;
    if (one.id === show.chosen?.id) button.setAttribute('aria-current', 'true');
    return el('li', {}, button);
  }));
  $('list-title').textContent = show.items.length ? `${show.view.title}: ${show.items.length}${show.cursor ? ' and more' : ''}` : show.view.nothing;
  $('more').hidden = !show.cursor;
  if (focused) rowOf(show.chosen ?? {})?.focus({ preventScroll: true });
}
async function choose(one, focus = false) {
  Object.assign(show, { chosen: one, shown: null });
  draw();
  const row = one && rowOf(one);
  row?.scrollIntoView({ block: 'nearest' });
  if (focus) (row ?? $('list-title')).focus({ preventScroll: true });
  if (!one) return $('detail').replaceChildren();
  $('detail').setAttribute('aria-busy', 'true');
  const parts = await show.view.detail(one);
  if (show.chosen !== one) return;
  show.shown = one;
  const buttons = show.view.deeds(one).map(([letter, text, deed, className = '']) => el('button', {
    type: 'button', className, onclick: () => act(deed), attributes: { 'aria-keyshortcuts': letter },
  }, text, el('kbd', {}, letter.toUpperCase())));
  const focused = $('detail').contains(document.activeElement) && document.activeElement.getAttribute('aria-keyshortcuts');
  $('detail').replaceChildren(...parts.filter(Boolean), el('p', { className: 'row' }, buttons));
  $('detail').setAttribute('aria-busy', 'false');
  if (focused !== false) (buttons.find(button => button.getAttribute('aria-keyshortcuts') === focused) ?? $('detail-title')).focus({ preventScroll: true });
}
function replace(one) {
  one = (show.view.shape ?? (one => one))(one);
  show.items = show.items.map(other => other.id === one.id ? one : other);
  if (show.chosen?.id === one.id) choose(one).catch(fail);
  return one;
}
// Something is done with: the next in the list takes its place, under the same fingers.
function taken(one, text) {
  const place = show.items.findIndex(other => other.id === one.id);
  show.items = show.items.filter(other => other.id !== one.id);
  say(text);
  choose(show.items[Math.min(Math.max(place, 0), show.items.length - 1)] ?? null, true).catch(fail);
  if (show.items.length < 10 && show.cursor) load(true).catch(fail);
  count().catch(fail);
}
let busy = false;
async function act(deed) {
  if (busy) return;
  busy = true;
  $('problem').textContent = '';
  try { await deed(); } catch (problem) {
    fail(problem);
    const one = show.chosen;
    // What others have changed is read again; what is gone leaves the list.
    if (one && ['changed', 'already_decided', 'not_found', 'wrong_state'].includes(problem.code)) await load().catch(fail);
    fail(problem);
  } finally { busy = false; }
}
async function count() {
  const work = await call('GET', '/me/work');
  $('line').textContent = work.line;
  const shown = Object.entries(views).filter(([, view]) => work[view.pile]);
  $('tabs').replaceChildren(...shown.map(([name, view], at) => el('a', {
    href: `#${name}`, attributes: { 'aria-keyshortcuts': at + 1, ...(view === show.view && { 'aria-current': 'page' }) },
  }, `${view.title} ${work[view.pile].waiting}`)));
  return shown.map(([name]) => name);
}

// ---- Keys -----------------------------------------------------------------------------------------------------------------
const KEYS = [
  ['J or ↓', 'the next in the list'], ['K or ↑', 'the one before'], ['Enter', 'from the list to the text beside it'],
  ['1, 2, 3', 'the queue, appeals, answers'], ['L', 'load the list anew'],
  ['P', 'publish'], ['H', 'hide, with a ground and reasons'], ['R', 'remove for good, with a ground and reasons'],
  ['C', 'take a case in hand for half an hour, or let it go'], ['Z', 'put what you decided last into the queue again'],
  ['U', 'uphold the decision that an appeal is against'], ['V', 'reverse it'], ['M', 'amend it'],
  ['A', 'answer an idea'], ['S', 'assign it to an office'],
  ['Ctrl Enter', 'send what you wrote'], ['Esc', 'close without sending'], ['?', 'this list'],
];
$('keys-of').replaceChildren(...KEYS.map(([name, does]) => el('tr', {}, el('td', {}, el('kbd', {}, name)), el('td', {}, does))));
$('single').checked = kept('single') !== 'off';
$('single').onchange = () => kept('single', $('single').checked ? 'on' : 'off');
$('help').onclick = () => $('keys').showModal();

function step(by) {
  const next = show.items[show.items.findIndex(one => one.id === show.chosen?.id) + by];
  if (next) choose(next, true).catch(fail);
}
async function lookAgain() {
  if (!last) return;
  const again = await call('POST', `/ideas/${last.idea}/cases`);
  last = null;
  await load();
  say(`${again.number} is in the queue again.`);
}
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') || !show.view) return;
  if (event.target.closest('input, select, textarea')) return;
  const inList = event.target.closest('#list');
  if (inList && event.key === 'Enter') { event.preventDefault(); return $('detail-title')?.focus(); }
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const deeds = {
    '?': () => $('keys').showModal(), j: () => step(1), k: () => step(-1), l: () => act(() => load()), z: () => act(lookAgain),
    ...(inList && { ArrowDown: () => step(1), ArrowUp: () => step(-1) }),
  };
  for (const [at, tab] of [...$('tabs').children].entries()) deeds[at + 1] = () => tab.click();
  for (const [name, , deed] of show.shown ? show.view.deeds(show.shown) : []) deeds[name] = () => act(deed);
  if (!deeds[letter] || (letter.length === 1 && !$('single').checked)) return;
  event.preventDefault();
  if (!event.repeat || 'jk'.includes(letter)) deeds[letter]();
});

// ---- Signing in and out ---------------------------------------------------------------------------------------------------
function showSignIn() {
  show.view = null;
  $('sign-in').hidden = false;
  $('work').hidden = $('tabs').hidden = $('help').hidden = $('sign-out').hidden = true;
  $('council').textContent = 'Staff';
  $('who').textContent = '';
  $('slug').value = slug;
  $('passkey').hidden = !window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  ($('slug').value ? $('email') : $('slug')).focus();
}
async function signIn(deed) {
  $('problem').textContent = '';
  slug = $('slug').value.trim();
  try {
    kept('session', null);
    const device = localStorage.getItem(`staff device ${slug}`);
    const pair = await deed({ ...(device && { device_token: device }), device: 'Staff page' });
    if (pair?.access_token) {
      if (pair.device_token) localStorage.setItem(`staff device ${slug}`, pair.device_token);
      kept('session', JSON.stringify(pair));
      kept('council', slug);
      for (const name of ['password', 'mailed_code', 'code']) $(name).value = '';
      $('mailed').hidden = $('second').hidden = true;
      await begin();
    }
  } catch (problem) {
    // Whoever has no work here is not left signed in.
    if (session()) { await call('DELETE', '/sessions/current').catch(() => {}); kept('session', null); }
    fail(problem);
    if (problem.code === 'second_factor_needed') { $('second').hidden = false; $('code').focus(); }
  }
}
const given = () => Object.fromEntries(['email', 'password', 'mailed_code', 'code'].map(name => [name, $(name).value.trim()]).filter(([name, value]) => value && !$(name).closest('[hidden]')));
$('credentials').onsubmit = event => {
  event.preventDefault();
  signIn(device => {
    const { email = '', password = '', mailed_code, code } = given();
    const shown = { email, ...(code && { code }), ...device };
    return mailed_code ? call('POST', '/sessions/code', { body: { ...shown, mailed_code } }) : call('POST', '/sessions', { body: { ...shown, password } });
  });
};
$('mail-code').onclick = () => signIn(async () => {
  const sent = await call('POST', '/sign-in-codes', { body: { email: given().email ?? '' } });
  $('mailed').hidden = false;
  $('problem').textContent = sent?.detail ?? 'If the address has an account here, a mail with six digits is on its way.';
  $('mailed_code').focus();
});
$('passkey').onclick = () => signIn(async device => {
  const asked = await call('POST', '/sessions/passkey/options');
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
  const credential = await navigator.credentials.get({ publicKey }).catch(() => { throw new Problem({ code: 'given_up', detail: 'No passkey was shown. Try again, or sign in in another way.' }); });
  return call('POST', '/sessions/passkey', { body: { ceremony: asked.ceremony, credential: credential.toJSON(), ...device } });
});
$('sign-out').onclick = async () => {
  await call('DELETE', '/sessions/current').catch(() => {}); // here one is signed out in any case
  kept('session', null);
  showSignIn();
  $('problem').textContent = 'Signed out.';
};
$('more').onclick = () => load(true).catch(fail);
$('skip').onclick = event => { event.preventDefault(); $('main').focus(); };

async function route() {
  const may = await count();
  const name = views[location.hash.slice(1)] ? location.hash.slice(1) : may[0];
  Object.assign(show, { view: views[name], items: [], cursor: null, chosen: null });
  $('list').replaceChildren();
  $('detail').replaceChildren();
  say('');
  document.title = `${show.view.title} · ${council.name}`;
  await load();
  (rowOf(show.chosen ?? {}) ?? $('list-title')).focus({ preventScroll: true });
}
async function begin() {
  let vocabulary;
  [council, me, grounds, vocabulary] = await Promise.all([
    call('GET', ''), call('GET', '/me'), call('GET', '/grounds').then(list => list.items), fetch('/v1/vocabulary').then(answer => answer.json()),
  ]);
  words = Object.fromEntries(vocabulary.lists.map(one => [one.name, Object.fromEntries(one.words.map(word => [word.word, word.label]))]));
  await count(); // who is no moderator, officer or admin is refused here, in the server's words
  $('sign-in').hidden = true;
  $('work').hidden = $('tabs').hidden = $('help').hidden = $('sign-out').hidden = false;
  $('council').textContent = council.name;
  $('who').textContent = me.display_name;
  await route();
}
addEventListener('hashchange', () => { if (council && session()) route().catch(fail); });
if (session() && slug) begin().catch(problem => { if (session()) { kept('session', null); showSignIn(); } fail(problem); });
else showSignIn();
