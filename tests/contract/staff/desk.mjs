// How the parts of staff.mjs work: the API that they count with, and a page on which everything is done with keys.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { standIn } from '../stand-in.mjs';

export const api = process.env.FOLKMOOT_URL?.replace(/\/+$/, '');
if (!api) { console.error('staff.mjs: set FOLKMOOT_URL to the base of a running fresh demo.'); process.exit(1); }
const home = `${api}/v1/councils/aldermoor`;
export const password = 'seven herons over aldermoor-by-sea';
export const ok = text => console.log(`ok: ${text}`);
const shots = process.env.SCREENSHOTS;
export const shot = async (page, name, options = {}) => { if (shots) { await mkdir(shots, { recursive: true }); await page.screenshot({ path: `${shots}/staff-${name}.png`, fullPage: true, ...options }); } };

export async function ask(method, address, token, body, more = {}) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }), ...more };
  const answer = await fetch(address.startsWith('/v1') ? api + address : home + address, { method, headers, body: body && JSON.stringify(body) });
  const data = await answer.json().catch(() => null);
  assert.ok(answer.ok, `${method} ${address}: ${answer.status} ${JSON.stringify(data)}`);
  return data;
}
export const token = async (role, resident) => (await ask('POST', '/v1/demo/sessions', null, { role, ...(resident && { resident }) })).access_token;
// As somebody of the staff that a demo session is not for.
export const as = async who => (await ask('POST', '/sessions', null, { email: `${who}@aldermoor.example`, password })).access_token;
export async function all(path, token) {
  const items = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await ask('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor && `&cursor=${cursor}`}`, token);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

const openChallenge = async () => (await ask('GET', '/challenges')).items.find(one => one.state === 'open').id;
// An idea that waits for a moderator, and one that is public.
export async function submit(title, resident, body = `About this: ${title}.`) {
  const challenge = await openChallenge();
  return ask('POST', `/challenges/${challenge}/ideas`, await token('resident', resident), { title, body });
}
export async function publish(title, resident) {
  const idea = await submit(title, resident), mo = await token('moderator');
  const [one] = (await ask('GET', `/cases?idea=${idea.id}`, mo)).items;
  if (one) await ask('POST', `/cases/${one.id}/decision`, mo, { decision: 'publish' }, { 'if-match': `"${one.version}"` });
  return idea;
}

let browser;
export const launch = async () => { browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'] }); };
export const end = () => browser?.close();
export const complaints = [];
export async function open(options) {
  const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage();
  page.setDefaultTimeout(10_000);
  await standIn(page);
  page.on('request', request => { if (!request.url().startsWith(api) && !request.url().startsWith('data:')) complaints.push(`asked another host: ${request.url()}`); });
  page.on('console', message => { if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(`console: ${message.text()}`); });
  page.on('pageerror', error => complaints.push(`page: ${error.stack}`));
  return page;
}
export const press = (page, ...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
export const type = (page, text) => page.keyboard.type(text);
export const said = (page, pattern) => page.locator('#said').filter({ hasText: pattern }).waitFor();
export const focused = page => page.evaluate(() => document.activeElement.textContent || document.activeElement.name);

// Everything from here is done with keys: nothing is clicked.
export async function signIn(page, who, wrongFirst = false) {
  await page.goto(`${api}/staff?council=aldermoor`);
  await page.waitForFunction(() => document.activeElement.name === 'email');
  await type(page, `${who}@aldermoor.example`);
  await press(page, 'Tab');
  if (wrongFirst) {
    await type(page, 'wrong');
    await press(page, 'Enter');
    await page.locator('#problem').filter({ hasText: /do not fit/ }).waitFor();
    await page.locator('#password').focus();
    await press(page, 'ControlOrMeta+a');
  }
  await type(page, password);
  await press(page, 'Enter');
  await page.locator('#work').waitFor();
  await page.waitForFunction(() => document.activeElement.closest('#listed'));
}
export async function told(page, keys) { // until what the keys did is said
  const before = await page.locator('#said').textContent();
  await press(page, ...keys);
  await page.waitForFunction(before => document.getElementById('said').textContent !== before && document.activeElement.closest('#listed') && !document.getElementById('work').dataset.busy, before);
}

// Where the list has the focus, what is chosen in it can be read, and what was asked for is done.
export const ready = page => page.waitForFunction(() => document.activeElement.closest('#listed') && document.getElementById('detail').getAttribute('aria-busy') === 'false'
  && !document.getElementById('work').dataset.busy);
export const dialog = (page, title) => page.locator('#dialog[open] h2').filter({ hasText: title }).waitFor();
export const closed = page => page.locator('#dialog[open]').waitFor({ state: 'detached' });
export async function field(page, name, text) { // goes to a field by Tab, and types
  for (let n = 0; await page.evaluate(() => document.activeElement.name) !== name; n += 1) { assert.ok(n < 20, `no field ${name}`); await press(page, 'Tab'); }
  if (text) await type(page, text);
}
export async function to(page, view, wanted) { // goes to a list by its number, and to what is wanted in it
  const at = await page.locator('#tabs a').evaluateAll((all, view) => all.findIndex(one => one.textContent.startsWith(view)) + 1, view);
  assert.ok(at, `no list ${view}`);
  await press(page, String(at));
  await page.locator('#list-title').filter({ hasText: view }).waitFor();
  await ready(page);
  if (wanted) await find(page, wanted);
}
export async function find(page, wanted) {
  await page.locator('#list button').filter({ hasText: wanted }).first().waitFor();
  for (let n = 0, key = 'j', before; !wanted.test(await focused(page)); n += 1) { // down to the end, then up
    assert.ok(n < 200, `${wanted} is not in the list`);
    before = await focused(page);
    await press(page, key);
    if (await focused(page) === before) key = 'k';
  }
  await page.locator('#detail[aria-busy=false] h2').waitFor();
  await ready(page);
}

// What a mail has that matches; a mail goes out within seconds.
export async function mailed(to, wanted) {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise(done => setTimeout(done, 100))) {
    for (const line of (await (await fetch(`${api}/demo/mail`)).text()).split('<li>').filter(one => one.includes(to))) {
      const found = (await (await fetch(api + line.match(/href="([^"]+)"/)[1])).text()).match(wanted);
      if (found) return found[1];
    }
  }
  throw new Error(`no mail to ${to} came`);
}
