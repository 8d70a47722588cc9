// Publishing without words: what is taken out, what stands in its place, and how its author will see it.
import { field, select } from './ask.js';
import { desk, el, marked } from './words.js';

const MARKS = ['a name', 'a telephone number', 'an email address', 'an address', 'a link', 'a word'];
const OF = { phone_number: 'a telephone number', mail_address: 'an email address', postal_address: 'an address', link: 'a link', listed_word: 'a word' };

// The pieces of a text and of what is left of it, word by word, as the API tells them to the author.
export function pieces(before, after) {
  const [a, b] = [before, after].map(text => text.match(/\s+|\S+/g) ?? []);
  // What is longest in common from each place on.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  }
  const found = [];
  const add = (change, text) => { if (found.at(-1)?.change === change) found.at(-1).text += text; else found.push({ change, text }); };
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) { add('kept', a[i]); i += 1; j += 1; }
    else if (i < a.length && (j === b.length || common[i + 1][j] >= common[i][j + 1])) { add('taken_out', a[i]); i += 1; }
    else { add('put_in', b[j]); j += 1; }
  }
  return together(found);
}
// What is taken out or put in word after word is read as one, blanks and all.
function together(found) {
  const parts = [];
  let [out, put] = ['', ''];
  const flush = () => {
    parts.push(...[['taken_out', out], ['put_in', put]].filter(([, text]) => text).map(([change, text]) => ({ change, text })));
    [out, put] = ['', ''];
  };
  for (const [at, { change, text }] of found.entries()) {
    if (change === 'taken_out') out += text;
    else if (change === 'put_in') put += text;
    else if (out && put && / /.test(text) && !text.trim() && at < found.length - 1) { out += text; put += text; }
    else { flush(); parts.push({ change, text }); }
  }
  flush();
  return parts;
}
const TAGS = { taken_out: ['del', 'taken out: '], put_in: ['ins', 'put in: '] };
// What is struck through is said, too, for those who do not see it.
const shown = ({ change, text }) => TAGS[change] ? el(TAGS[change][0], {}, el('span', { className: 'away' }, ` (${TAGS[change][1]}) `), text, el('span', { className: 'away' }, ' (until here) ')) : text;

// A text without what screeners found in it. Places count code points, as Array.from does.
function without(text, name, findings) {
  const points = Array.from(text);
  const places = findings.filter(one => one.place?.field === name).sort((a, b) => b.place.start - a.place.start);
  let next = Infinity;
  for (const { kind, place } of places) {
    if (place.end > next) continue; // two that overlap are one
    points.splice(place.start, place.end - place.start, `[${OF[kind] ?? 'a word'}]`);
    next = place.start;
  }
  return points.join('');
}

// The fields of the dialog, and the part of the request that they make.
export function editing(one) {
  const texts = one.comment ? { body: one.body } : { title: one.title, body: one.body };
  const here = one.findings.filter(found => found.revision === one.revision && found.place);
  const inputs = Object.fromEntries(Object.entries(texts).map(([name, value]) => [name,
    el(name === 'title' ? 'input' : 'textarea', { value, lang: desk.council.language, maxLength: name === 'title' ? 120 : 10000 })]));
  const diff = el('div', { className: 'text', lang: desk.council.language, dir: 'auto' });
  const draw = () => diff.replaceChildren(...Object.keys(texts).flatMap((name, at) => [at ? '\n\n' : '', ...pieces(texts[name], inputs[name].value).map(shown)]));
  const mark = select(MARKS.map(text => [text, `[${text}]`]));
  let last = inputs.body;
  const put = () => {
    last.setRangeText(`[${mark.value}]`, last.selectionStart, last.selectionEnd, 'end');
    last.focus();
    draw();
  };
  for (const input of Object.values(inputs)) {
    Object.assign(input, { oninput: draw, onfocus: () => { last = input; },
      onkeydown: event => { if (event.altKey && event.code === 'KeyX') { event.preventDefault(); put(); } } });
  }
  const clear = () => { for (const [name, input] of Object.entries(inputs)) input.value = without(texts[name], name, here); draw(); };
  const button = (text, onclick, name) => el('button', { type: 'button', className: 'plain', onclick }, text, name && el('kbd', {}, name));
  draw();
  return {
    fields: [
      here.length ? el('div', {}, el('h3', {}, 'What screening found'), el('div', { className: 'text', lang: desk.council.language, dir: 'auto' },
        Object.entries(texts).flatMap(([name, text], at) => [at ? '\n\n' : '', ...marked(text, name, here)]))) : null,
      ...Object.entries(inputs).map(([name, input]) => field(name, name === 'title' ? 'Title' : 'Text', input,
        name === 'title' ? '' : 'Take words out, and put none in: where something is gone, a mark in brackets says what it was.')),
      field('mark', 'Mark for what is selected', mark, '', false),
      el('p', { className: 'row' }, button('Put it in the place of what is selected', put, 'Alt X'), here.length ? button('Take out what was found', clear) : null),
      el('h3', {}, 'As its author will see it'), diff,
    ].filter(Boolean),
    body: ({ title, body, mark: _, ...given }) => ({ ...given, edit: { ...(!one.comment && { title: title ?? '' }), body: body ?? '' } }),
  };
}
