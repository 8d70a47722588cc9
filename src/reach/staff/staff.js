// A client of the public API and of nothing else: signing in and out, and the keys.
import { Problem, call, kept, place, session } from './api.js';
import { answers } from './answers.js';
import { appeals } from './appeals.js';
import { cases, lookAgain } from './cases.js';
import { act, choose, count, load, rowOf, show } from './list.js';
import { $, desk, el, fail, say } from './words.js';

Object.assign(show.views, { queue: cases, appeals, answers });
place.signedOut = showSignIn;

// ---- Keys -----------------------------------------------------------------------------------------------------------------
const KEYS = [
  ['J or ↓', 'the next in the list'], ['K or ↑', 'the one before'], ['Enter', 'from the list to the text beside it'],
  ['1, 2, 3', 'the queue, appeals, answers'], ['L', 'load the list anew'],
  ['P', 'publish'], ['G', 'give back to be changed, with a ground and reasons'], ['H', 'hide, with a ground and reasons'],
  ['R', 'remove for good, with a ground and reasons'], ['D', 'lock the discussion, with a ground and reasons'],
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
  $('slug').value = place.slug;
  $('passkey').hidden = !window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  ($('slug').value ? $('email') : $('slug')).focus();
}
async function signIn(deed) {
  $('problem').textContent = '';
  place.slug = $('slug').value.trim();
  try {
    kept('session', null);
    const device = localStorage.getItem(`staff device ${place.slug}`);
    const pair = await deed({ ...(device && { device_token: device }), device: 'Staff page' });
    if (pair?.access_token) {
      if (pair.device_token) localStorage.setItem(`staff device ${place.slug}`, pair.device_token);
      kept('session', JSON.stringify(pair));
      kept('council', place.slug);
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
  const name = show.views[location.hash.slice(1)] ? location.hash.slice(1) : may[0];
  Object.assign(show, { view: show.views[name], items: [], cursors: {}, chosen: null });
  $('list').replaceChildren();
  $('detail').replaceChildren();
  say('');
  document.title = `${show.view.title} · ${desk.council.name}`;
  await load();
  (rowOf(show.chosen ?? {}) ?? $('list-title')).focus({ preventScroll: true });
}
async function begin() {
  let vocabulary;
  [desk.council, desk.me, desk.grounds, vocabulary] = await Promise.all([
    call('GET', ''), call('GET', '/me'), call('GET', '/grounds').then(list => list.items), fetch('/v1/vocabulary').then(answer => answer.json()),
  ]);
  desk.words = Object.fromEntries(vocabulary.lists.map(one => [one.name, Object.fromEntries(one.words.map(word => [word.word, word.label]))]));
  await count(); // who is no moderator, officer or admin is refused here, in the server's words
  $('sign-in').hidden = true;
  $('work').hidden = $('tabs').hidden = $('help').hidden = $('sign-out').hidden = false;
  $('council').textContent = desk.council.name;
  $('who').textContent = desk.me.display_name;
  await route();
}
addEventListener('hashchange', () => { if (desk.council && session()) route().catch(fail); });
if (session() && place.slug) begin().catch(problem => { if (session()) { kept('session', null); showSignIn(); } fail(problem); });
else showSignIn();
