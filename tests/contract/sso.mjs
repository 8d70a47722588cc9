// Signs in by a provider in a real browser: oidc-provider beside a fresh demo that takes providers on this machine.
//   FOLKMOOT_URL=http://127.0.0.1:8080 node sso.mjs
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { chromium } from 'playwright-core';

const api = process.env.FOLKMOOT_URL?.replace(/\/+$/, '');
if (!api) { console.error('sso.mjs: set FOLKMOOT_URL to the base of a running fresh demo.'); process.exit(1); }
const home = `${api}/v1/councils/aldermoor`;
const ok = text => console.log(`ok: ${text}`);

async function ask(method, path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(path.startsWith('/') ? home + path : path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text && JSON.parse(text), etag: answer.headers.get('etag') };
}

// The provider's redirect address is known once the council has it, so the client is made of what is there by then.
const listener = createServer((request, response) => handle(request, response));
let handle;
await new Promise(done => listener.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${listener.address().port}`;
const password = 'seven herons over aldermoor-by-sea';
const secret = 'known-to-both-sides-and-to-nobody-else';
const redirects = [];
const provide = () => new Provider(issuer, {
  clients: [{ client_id: 'folkmoot', client_secret: secret, redirect_uris: redirects, grant_types: ['authorization_code'], response_types: ['code'] }],
  claims: { openid: ['sub', 'residency'], profile: ['name'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ['only for this run'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: `Register ${id}`, residency: 'harbour', email: 'resident1@aldermoor.example', email_verified: true }),
  }),
});
redirects.push('http://127.0.0.1/none-yet');
handle = provide().callback();

let browser;
let code = 0;
try {
  const demo = async role => (await ask('POST', `${api}/v1/demo/sessions`, { role })).body.access_token;
  const admin = await demo('admin');
  const made = await ask('POST', '/identity-providers', {
    name: 'Aldermoor account', issuer, client_id: 'folkmoot', client_secret: secret, scopes: ['profile', 'email'],
    claims: [{ claim: 'residency', value: 'harbour', verified: true, ward: 'harbour' }],
  }, admin);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  redirects.splice(0, 1, made.body.redirect_uri);
  handle = provide().callback();
  const id = made.body.id;
  ok('an admin sets the provider up, which is read at once');

  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'] });
  // There and back, as somebody: what the page finds behind #.
  const goes = async (login, token, link = false) => {
    const started = await ask('POST', `/sso/${id}/start`, { return_to: `${api}/councils/aldermoor`, link, ...(link && { proof: { password } }) }, token);
    assert.equal(started.status, 200, JSON.stringify(started.body));
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const seen = [];
    page.on('request', request => seen.push(request.url()));
    await page.goto(started.body.authorization_url);
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]'); // and consents
    await page.waitForURL(url => url.href.startsWith(`${api}/councils/aldermoor#`));
    const brought = Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.slice(1)));
    const there = seen.filter(url => url.startsWith(`${api}/councils/aldermoor`) && url.includes('code='));
    assert.deepEqual(there, [], 'the page is asked for without the code');
    await context.close();
    assert.equal(brought.iss, issuer);
    return { flow: started.body.flow, ...brought };
  };

  const brought = await goes('ana');
  const first = await ask('POST', `/sso/${id}/finish`, brought);
  assert.equal(first.status, 202, JSON.stringify(first.body));
  assert.equal((await ask('POST', `/sso/${id}/finish`, brought)).status, 422);
  const session = await ask('POST', '/sso/accounts', { ticket: first.body.ticket, display_name: 'Ana' });
  assert.equal(session.status, 201, JSON.stringify(session.body));
  const me = await ask('GET', '/me', undefined, session.body.access_token);
  assert.deepEqual([me.body.display_name, me.body.email, me.body.role], ['Ana', null, 'resident']);
  ok('somebody signs in by the provider, and is not who has their address here');

  const again = await ask('POST', `/sso/${id}/finish`, await goes('ana'));
  assert.equal(again.status, 201, JSON.stringify(again.body));
  assert.equal((await ask('GET', '/me', undefined, again.body.access_token)).body.id, me.body.id);
  ok('the next time they are known');

  const resident = await demo('resident');
  const linked = await ask('POST', '/me/identities', { provider: id, ...(await goes('ben', resident, true)) }, resident);
  assert.equal(linked.status, 201, JSON.stringify(linked.body));
  const ben = await ask('POST', `/sso/${id}/finish`, await goes('ben'));
  const owner = (await ask('GET', '/me', undefined, resident)).body.id;
  assert.equal((await ask('GET', '/me', undefined, ben.body.access_token)).body.id, owner);
  ok('a resident links the provider, and signs in by it');
} catch (error) {
  code = 1;
  console.error(`FAILED: ${error.message}\n${error.stack?.split('\n').filter(line => line.includes('sso.mjs')).join('\n')}`);
} finally {
  await browser?.close();
  listener.close();
}
process.exit(code);
