// Signing in and out.
import { Problem, call, kept, place, session } from './api.js';
import { forget } from './batch.js';
import { show } from './show.js';
import { $, fail } from './words.js';

let inside = () => {}; // what follows upon signing in
export const whenInside = deed => { inside = deed; };
place.signedOut = showSignIn;

export function showSignIn() {
  forget();
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
      await inside();
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
