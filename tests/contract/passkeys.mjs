// Makes a passkey and signs in with it in a real browser, with the authenticator that Chromium has for tests.
//   FOLKMOOT_URL=http://localhost:8080 node passkeys.mjs
// A passkey belongs to a site with a name: the demo is to be reached as `localhost`, and to call itself so.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const api = process.env.FOLKMOOT_URL?.replace(/\/+$/, '');
if (!api) { console.error('passkeys.mjs: set FOLKMOOT_URL to the base of a running fresh demo.'); process.exit(1); }
const home = `${api}/v1/councils/aldermoor`;
const password = 'seven herons over aldermoor-by-sea';
const ok = text => console.log(`ok: ${text}`);

let browser;
let code = 0;
try {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'] });
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(`${api}/councils/aldermoor`);
  const tools = await page.context().newCDPSession(page);
  await tools.send('WebAuthn.enable');
  // As a telephone has it: it keeps what it makes and asks its owner for a finger.
  const { authenticatorId } = await tools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  } });
  // Everything below is asked by the page itself, as a frontend would.
  const ask = (method, path, body, token) => page.evaluate(async ([url, method, body, token]) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text && JSON.parse(text) };
  }, [path.startsWith('/v1') ? api + path : home + path, method, body, token]);
  const makes = options => page.evaluate(async options => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, options);
  const signs = options => page.evaluate(async options => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, options);

  const resident = (await ask('POST', '/v1/demo/sessions', { role: 'resident' })).body.access_token;
  const begun = await ask('POST', '/me/passkey-options', { proof: { password } }, resident);
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const added = await ask('POST', '/me/passkeys', { ceremony: begun.body.ceremony, credential: await makes(begun.body.options), name: 'Telephone' }, resident);
  assert.equal(added.status, 201, JSON.stringify(added.body));
  const { credentials } = await tools.send('WebAuthn.getCredentials', { authenticatorId });
  assert.deepEqual(credentials.map(one => [one.rpId, one.isResidentCredential]), [['localhost', true]]);
  ok('a browser makes a passkey for the site of the council, which is kept on the device');

  const signsIn = async () => {
    const asked = await ask('POST', '/sessions/passkey/options');
    assert.equal(asked.status, 201, JSON.stringify(asked.body));
    return { ceremony: asked.body.ceremony, credential: await signs(asked.body.options) };
  };
  const signed = await signsIn();
  const session = await ask('POST', '/sessions/passkey', signed);
  assert.equal(session.status, 201, JSON.stringify(session.body));
  const [mine, theirs] = [await ask('GET', '/me', undefined, resident), await ask('GET', '/me', undefined, session.body.access_token)];
  assert.equal(mine.body.id, theirs.body.id);
  ok('somebody who says no name signs in with it, and is who made it');

  const again = await ask('POST', '/sessions/passkey', signed);
  assert.equal(again.status, 409, JSON.stringify(again.body));
  await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  const asked = await ask('POST', '/sessions/passkey/options');
  await assert.rejects(signs(asked.body.options), /NotAllowedError/);
  ok('what was signed serves once, and whoever finds the device and is not its owner signs nothing');
  await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });

  const removed = await ask('POST', `/me/passkeys/${added.body.id}/remove`, { proof: { password } }, resident);
  assert.equal(removed.status, 204, JSON.stringify(removed.body));
  const late = await ask('POST', '/sessions/passkey', await signsIn());
  assert.deepEqual([late.status, late.body.code], [401, 'bad_credentials']);
  ok('a passkey that was removed signs nobody in');
} catch (error) {
  code = 1;
  console.error(`FAILED: ${error.message}\n${error.stack?.split('\n').filter(line => line.includes('passkeys.mjs')).join('\n')}`);
} finally {
  await browser?.close();
}
process.exit(code);
