// Making elements, and the words and days that are in them. What people wrote is put in as text and never as markup; the policy that
// the page comes with has the browser refuse anything else.
export const $ = id => document.getElementById(id);
export function el(tag, props = {}, ...children) {
  const { attributes = {}, ...rest } = props;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat().filter(child => child != null && child !== false));
  return element;
}

// The council, who works, the server's time, and the words and grounds that there are, once somebody has signed in.
export const desk = { council: null, me: null, now: null, words: {}, grounds: [] };
export const MODERATE = ['moderator', 'admin'], ANSWER = ['officer', 'admin'];
export const may = roles => roles.includes(desk.me.role);
export const label = (list, word) => desk.words[list]?.[word] ?? word; // a word that is newer than this page is shown as it is
export const when = (instant, options) => new Intl.DateTimeFormat('en-GB', { timeZone: desk.council.time_zone, ...options }).format(new Date(instant));
export const hour = instant => when(instant, { dateStyle: 'medium', timeStyle: 'short' });
export const day = date => when(date, { dateStyle: 'long', timeZone: 'UTC' }); // a date is no instant, and is in no zone
export const lastDay = instant => when(new Date(instant) - 1, { dateStyle: 'long' }); // midnight ends the day before it
// A time is written in the zone of whoever writes it, and sent as an instant.
export const instant = text => text && new Date(text).toISOString();
export const local = at => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
export const ground = code => desk.grounds.find(one => one.code === code)?.title ?? code;
export const say = text => { $('said').textContent = text; };
// An instant in the server's words is for programs.
export const plain = text => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, instant => desk.council ? hour(instant) : instant);
// Where single faults are told, the detail of the whole is for programs.
export const told = (problem, faults = problem.errors ?? []) => plain([problem.errors?.length ? `${problem.title}.` : problem.message, ...faults.map(fault => fault.detail)].join(' '));
export const fail = problem => { $('problem').textContent = told(problem); };
export const dots = (...parts) => parts.flat().filter(Boolean).join(' · ');
export const many = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`;
export const p = (text, className = '') => el('p', { className }, text);
export const theirs = (tag, text) => el(tag, { className: tag === 'div' ? 'text' : '', lang: desk.council.language, dir: 'auto' }, text);

// What screeners found is marked where it stands. Places count code points, as Array.from does.
export function marked(text, field, findings) {
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
