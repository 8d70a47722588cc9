// Works on the page for staff by keyboard alone, as a moderator and as an officer would, and counts afterwards through the API.
//   FOLKMOOT_URL=http://127.0.0.1:8080 [SCREENSHOTS=dir] node staff.mjs
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const api = process.env.FOLKMOOT_URL?.replace(/\/+$/, '');
if (!api) { console.error('staff.mjs: set FOLKMOOT_URL to the base of a running fresh demo.'); process.exit(1); }
const home = `${api}/v1/councils/aldermoor`;
const password = 'seven herons over aldermoor-by-sea';
const ok = text => console.log(`ok: ${text}`);
const shots = process.env.SCREENSHOTS;
const shot = async (page, name, options = {}) => { if (shots) { await mkdir(shots, { recursive: true }); await page.screenshot({ path: `${shots}/staff-${name}.png`, fullPage: true, ...options }); } };

async function ask(method, address, token, body, more = {}) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }), ...more };
  const answer = await fetch(address.startsWith('/v1') ? api + address : home + address, { method, headers, body: body && JSON.stringify(body) });
  const data = await answer.json().catch(() => null);
  assert.ok(answer.ok, `${method} ${address}: ${answer.status} ${JSON.stringify(data)}`);
  return data;
}
const token = async (role, resident) => (await ask('POST', '/v1/demo/sessions', null, { role, ...(resident && { resident }) })).access_token;
async function all(path, token) {
  const items = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await ask('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor && `&cursor=${cursor}`}`, token);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

// A queue of a hundred at least: one that screening finds something in, and markup that must stay text.
async function fill() {
  const challenge = (await ask('GET', '/challenges')).items.find(one => one.state === 'open').id;
  const residents = await Promise.all(Array.from({ length: 10 }, (_, n) => token('resident', n + 1)));
  for (let n = 0; n < 100; n += 1) {
    const body = n === 0 ? 'Ring me 🐟 at 01632 960123, or <img src=x onerror="document.title=1">.' : `A bench where people wait, the ${n}th of them.`;
    await ask('POST', `/challenges/${challenge}/ideas`, residents[n % residents.length], { title: `Bench number ${n}`, body });
  }
}

let browser;
const complaints = [];
async function open(options) {
  const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage();
  page.setDefaultTimeout(10_000);
  // FOLKMOOT_STAFF is another script in the place of the page's own, to see that one with a fault is found.
  if (process.env.FOLKMOOT_STAFF) {
    const body = await readFile(process.env.FOLKMOOT_STAFF, 'utf8');
    await page.route('**/staff/staff.js', async route => route.fulfill({ response: await route.fetch(), body }));
  }
  page.on('request', request => { if (!request.url().startsWith(api) && !request.url().startsWith('data:')) complaints.push(`asked another host: ${request.url()}`); });
  page.on('console', message => { if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(`console: ${message.text()}`); });
  page.on('pageerror', error => complaints.push(`page: ${error.stack}`));
  return page;
}
const press = (page, ...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const type = (page, text) => page.keyboard.type(text);
const said = (page, pattern) => page.locator('#said').filter({ hasText: pattern }).waitFor();
const focused = page => page.evaluate(() => document.activeElement.textContent || document.activeElement.name);

// Everything from here is done with keys: nothing is clicked.
async function signIn(page, who) {
  await page.goto(`${api}/staff?council=aldermoor`);
  await page.waitForFunction(() => document.activeElement.name === 'email');
  await type(page, `${who}@aldermoor.example`);
  await press(page, 'Tab');
  await type(page, 'wrong');
  await press(page, 'Enter');
  await page.locator('#problem').filter({ hasText: /do not fit/ }).waitFor();
  await page.locator('#password').focus();
  await press(page, 'ControlOrMeta+a');
  await type(page, password);
  await press(page, 'Enter');
  await page.locator('#work').waitFor();
  await page.waitForFunction(() => document.activeElement.closest('#listed'));
}
async function told(page, keys) { // until what the keys did is said
  const before = await page.locator('#said').textContent();
  await press(page, ...keys);
  await page.waitForFunction(before => document.getElementById('said').textContent !== before && document.activeElement.closest('#listed'), before);
}

async function moderator() {
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await signIn(page, 'moderator');
  const mo = await token('moderator');
  const waiting = (await all('/cases', mo)).length;
  assert.ok(waiting >= 100, `${waiting} cases`);
  assert.equal(await page.locator('#list button').count(), 50, 'a page of the list');

  await press(page, '?');
  await page.locator('#keys').getByRole('row').first().waitFor();
  await shot(page, 'keys');
  await press(page, 'Escape');
  assert.match(await focused(page), /ALD-/, 'the focus is back where it was');
  ok('signed in; a wrong password is told as the server tells it; ? lists the keys');

  // Findings are marked where they stand, and markup is text.
  while (!/Bench number 0/.test(await focused(page))) await press(page, 'j');
  await page.locator('#detail mark').filter({ hasText: '01632 960123' }).waitFor();
  assert.equal(await page.locator('#detail img').count(), 0);
  assert.match(await page.locator('#detail .text').textContent(), /<img src=x/);
  await shot(page, 'queue');
  await press(page, 'h');
  await page.locator('#dialog[open] h2').filter({ hasText: 'Hide' }).waitFor();
  // Tab stays inside.
  for (let n = 0; n < 8; n += 1) await press(page, 'Tab');
  assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog')), 'the focus has left the dialog');
  await press(page, 'Control+Enter');
  if (!await page.evaluate(() => document.activeElement.closest('dialog'))) { await press(page, 'Tab'); await press(page, 'Control+Enter'); }
  await page.locator('#ask-ground-fault').filter({ hasText: /ground/ }).waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'ground');
  await shot(page, 'hide-refused');
  const [claimed] = (await all('/cases?claimed=by_me', mo));
  assert.equal(claimed.title, 'Bench number 0', 'it is in hand while somebody writes about it');
  await press(page, 'P'); // Personal data of others
  await press(page, 'Tab');
  await type(page, 'It gives a number. Send it again without.');
  await told(page, ['Control+Enter']);
  await said(page, /hidden/);
  ok('findings are marked, markup stays text, a restriction without reasons is refused at its fields, then taken');

  await told(page, ['c']);
  await said(page, /in your hands/);
  await told(page, ['c']);
  await said(page, /nobody/);
  await told(page, ['p']);
  await said(page, /published/);
  await told(page, ['z']);
  await said(page, /in the queue again/);
  const started = Date.now();
  let left = waiting - 1;
  while (await page.locator('#list button').count()) { await told(page, ['p']); left -= 1; }
  assert.equal(left, 0);
  await page.locator('#list-title').filter({ hasText: 'The queue is empty.' }).waitFor();
  assert.deepEqual(await all('/cases', mo), []);
  ok(`the queue of ${waiting} is empty by keys alone, the last ${waiting - 1} in ${Math.round((Date.now() - started) / 1000)} s`);
  await page.context().close();
}

async function appeal() {
  const [first, second] = [await token('resident', 1), await token('moderator')];
  const [statement] = (await ask('GET', '/me/statements', first)).items.filter(one => one.title === 'Bench number 0');
  await ask('POST', `/me/statements/${statement.id}/appeal`, first, { text: 'The number is the council’s own hotline.' });
  assert.equal((await all('/appeals?state=open', second)).find(one => one.against.title === 'Bench number 0').may_decide, false);
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await signIn(page, 'moderator2');
  await press(page, '2');
  await page.locator('#list button').filter({ hasText: 'Bench number 0' }).waitFor();
  await page.waitForFunction(() => document.activeElement.closest('#list'));
  while (!/Bench number 0/.test(await focused(page))) await press(page, 'j');
  await page.locator('#detail').filter({ hasText: 'own hotline' }).waitFor();
  await shot(page, 'appeal');
  await press(page, 'v');
  await page.locator('#dialog[open]').waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'reasons');
  await type(page, 'You are right: the number is ours.');
  await told(page, ['Control+Enter']);
  await said(page, /decided: reversed/);
  const again = (await all('/appeals?state=decided', second)).find(one => one.against.title === 'Bench number 0');
  assert.deepEqual([again.appeal.result, again.against.item_state], ['reversed', 'published']);
  ok('an appeal is reversed by another moderator, and the idea is public again');
  await page.context().close();
}

async function officer() {
  const otto = await token('officer');
  const page = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await signIn(page, 'officer');
  const before = (await ask('GET', '/me/work', otto)).answers.waiting;
  const number = (await focused(page)).match(/ALD-\d+/)[0];
  await page.locator('#detail h2').waitFor();
  await shot(page, 'answers-phone');
  await press(page, 's');
  await page.locator('#dialog[open]').waitFor();
  await page.waitForFunction(() => document.activeElement.closest('dialog'));
  await told(page, ['Tab', 'Control+Enter']);
  await said(page, /for Director of Place to answer/);
  assert.equal((await ask('GET', `/ideas/${number}/assignment`, otto)).office_name, 'Director of Place');
  await page.locator('#detail[aria-busy=false]').waitFor();
  await press(page, 'a');
  await page.locator('#dialog[open]').waitFor();
  await page.waitForFunction(() => document.activeElement.closest('dialog'));
  while (await page.evaluate(() => document.activeElement.name) !== 'kind') await press(page, 'Tab');
  await press(page, 'D'); // Declined
  while (await page.evaluate(() => document.activeElement.name) !== 'reason') await press(page, 'Tab');
  await type(page, 'The bridge is to be painted first.');
  await shot(page, 'answer-phone', { fullPage: false });
  await told(page, ['Control+Enter']);
  await said(page, /is answered: declined/);
  const [answer] = (await ask('GET', `/ideas/${number}/answers`)).items;
  assert.deepEqual([answer.kind, answer.office, answer.reason], ['declined', 'Director of Place', 'The bridge is to be painted first.']);
  assert.equal((await ask('GET', '/me/work', otto)).answers.waiting, before - 1);
  assert.equal(await page.locator('#tabs a').count(), 1, 'an officer has no queue');
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide[0] <= wide[1], `it scrolls sideways: ${wide}`);
  ok('an idea is assigned and answered on a phone with a keyboard');

  // Single keys can be switched off (WCAG 2.1.4), and what is kept of the session goes with it.
  await press(page, '?');
  await page.locator('#single').focus();
  await press(page, 'Space', 'Escape');
  await press(page, 'a');
  assert.equal(await page.locator('dialog[open]').count(), 0, 'a key that was switched off does nothing');
  await page.locator('#sign-out').focus();
  await press(page, 'Enter');
  await page.locator('#sign-in').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('staff session')), null);
  ok('single keys can be switched off; signed out, no token is left');
  await page.context().close();
}

// The other ways in, and what happens when the access token runs out.
async function ways() {
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${api}/staff?council=aldermoor`);
  await page.getByLabel('Email').fill('resident9@aldermoor.example');
  await page.getByLabel('Password').fill(password);
  await press(page, 'Enter');
  await page.locator('#problem').filter({ hasText: /role does not allow/ }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem('staff session')), null);
  ok('who has no work here is told so, and is not left signed in');

  await page.getByLabel('Email').fill('admin@aldermoor.example');
  await page.getByRole('button', { name: 'Mail me a code' }).click();
  await page.waitForFunction(() => document.activeElement.name === 'mailed_code');
  await type(page, await mailed('admin@aldermoor.example'));
  await press(page, 'Enter');
  await page.locator('#work').waitFor();
  await page.locator('#tabs a').nth(2).waitFor();
  ok('an admin signs in by a mailed code, and sees the queue, appeals and answers');

  await ask('POST', '/v1/demo/clock', null, { advance: 'PT1H' });
  let refreshed = 0;
  page.on('response', response => { refreshed += response.url().endsWith('/sessions/refresh'); });
  await press(page, '3');
  await page.locator('#detail[aria-busy=false] h2').waitFor();
  assert.equal(refreshed, 1);
  assert.equal(await page.locator('#problem').textContent(), '');
  ok('an access token that has run out is refreshed once, without a word');

  // With an app, a password is asked for its code too.
  const admin = (await ask('POST', '/v1/demo/sessions', null, { role: 'admin' })).access_token;
  const { secret } = await ask('POST', '/me/totp', admin, { proof: { password } });
  const now = Date.parse((await ask('GET', '/me/work', admin)).now);
  const { codes } = await ask('POST', '/me/totp/confirm', admin, { code: totp(secret, now) });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Email').fill('admin@aldermoor.example');
  await page.getByLabel('Password').fill(password);
  await press(page, 'Enter');
  await page.waitForFunction(() => document.activeElement.name === 'code');
  await type(page, codes[0]);
  await press(page, 'Enter');
  await page.locator('#work').waitFor();
  ok('a second factor is asked for where there is one');
  await page.context().close();
}
function totp(secret, now) { // RFC 6238
  const bits = [...secret].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const seed = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac('sha1', seed).update(step).digest();
  return String((digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
async function mailed(to) { // a mail goes out within seconds
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise(done => setTimeout(done, 100))) {
    for (const line of (await (await fetch(`${api}/demo/mail`)).text()).split('<li>').filter(one => one.includes(to))) {
      const mail = await (await fetch(api + line.match(/href="([^"]+)"/)[1])).text();
      const digits = mail.match(/sign-in#token=/) && mail.match(/>\s*(\d{3} ?\d{3})\s*</);
      if (digits) return digits[1];
    }
  }
  throw new Error(`no mail to ${to} came`);
}

let code = 0;
try {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'] });
  await fill();
  await moderator();
  await appeal();
  await officer();
  await ways();
  assert.deepEqual(complaints, []);
  ok('no request to another host, no error in the console');
} catch (error) {
  code = 1;
  console.error(`FAILED: ${error.message}\n${error.stack?.split('\n').filter(line => line.includes('staff.mjs')).join('\n')}`);
  for (const complaint of complaints) console.error(`  ${complaint}`);
} finally {
  await browser?.close();
}
process.exit(code);
