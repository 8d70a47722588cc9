// Asking: a dialog, whose refusals stand at the fields that they are about.
import { key } from './api.js';
import { $, desk, el, p, plain, told } from './words.js';

export function field(name, text, input, hint = '', required = true) {
  Object.assign(input, { id: `ask-${name}`, name, required });
  input.setAttribute('aria-describedby', `ask-${name}-hint ask-${name}-fault`);
  return el('div', { className: 'field' }, el('label', { htmlFor: input.id }, text),
    el('p', { className: 'quiet', id: `ask-${name}-hint` }, hint), input, el('p', { className: 'fault', id: `ask-${name}-fault` }));
}
export const select = (options, chosen) => el('select', {}, options.map(([value, text]) => el('option', { value, selected: value === chosen }, text)));

// Where a fault is told: a pointer names a field (`/edit/body`), one of several (`/cases/2`), or something inside of it.
function faultOf(pointer) {
  const names = pointer.split('/').slice(1);
  return [names.join('-'), names.at(-1), ...names.map((_, at) => names.slice(0, -1 - at).join('-'))].map(name => $(`ask-${name}-fault`)).find(Boolean);
}
// Gives what was answered to `send`, or nothing where it was called off. The browser keeps the focus inside, and gives it back.
// Where somebody else has changed it meanwhile, `again` reads it and gives what to show of it: then it is sent by the next press.
export function ask({ title, about, fields = [], button, not = 'Not now', grave, send, again }) {
  const dialog = $('dialog'), fault = el('p', { className: 'fault', attributes: { role: 'alert' } });
  const sender = el('button', { className: grave ? 'grave' : '' }, button, el('kbd', {}, 'Ctrl Enter'));
  const now = el('div', { className: 'now' });
  const form = el('form', { noValidate: true }, el('h2', { id: 'dialog-title' }, title), about && p(about, 'quiet'), fields, fault, now,
    el('p', { className: 'row' }, sender, el('button', { type: 'button', className: 'plain', onclick: () => dialog.close() }, not, el('kbd', {}, 'Esc'))));
  let once = key();
  return new Promise(resolve => {
    let sent = null, sending = false;
    form.onsubmit = async event => {
      event.preventDefault();
      if (sending) return;
      sending = true;
      fault.textContent = '';
      now.replaceChildren();
      for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
      for (const place of form.querySelectorAll('[id$=-fault]')) place.textContent = '';
      try {
        sent = await send(Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim() !== '')), once);
        dialog.close();
      } catch (problem) {
        if (problem.code === 'changed' && again) {
          once = key();
          const parts = await again().catch(other => { fault.textContent = told(other); });
          if (!parts) return;
          now.replaceChildren(el('h3', {}, 'As it is now'), ...parts.flat().filter(Boolean));
          fault.textContent = `Somebody has changed it while you were writing. Look at what it is now, then press “${button}” once more, or leave it.`;
          return sender.focus();
        }
        const left = (problem.errors ?? []).filter(one => {
          const place = faultOf(one.pointer);
          if (!place) return true;
          place.textContent = `${place.textContent} ${plain(one.detail)}`.trim();
          $(place.id.replace(/-fault$/, ''))?.setAttribute('aria-invalid', 'true');
        });
        fault.textContent = told(problem, left);
        (form.querySelector('[aria-invalid]') ?? sender).focus();
      } finally { sending = false; }
    };
    form.onkeydown = event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit(); };
    dialog.onclose = () => {
      dialog.replaceChildren();
      // What had the focus before may have been drawn anew behind the dialog.
      if (document.activeElement === document.body) ($('list').querySelector('[aria-current]') ?? $('list-title')).focus({ preventScroll: true });
      resolve(sent);
    };
    dialog.replaceChildren(form);
    dialog.showModal();
    (form.querySelector('select, input, textarea') ?? sender).focus();
  });
}
export const textField = (name, text, hint, maxLength = 2000) => field(name, text, el('textarea', { maxLength }), hint);
export const groundField = () => field('ground', 'Ground', select([['', 'Choose one'], ...desk.grounds.map(one => [one.code, one.title])]), 'Which of the council’s rules it is about.');
export const statementField = (name, hint = 'For its author: what is wrong, and what they can do. It is mailed to them.') =>
  field(name, name === 'reasons' ? 'Reasons' : 'Statement of reasons', el('textarea', { maxLength: 4000 }), hint);
