// Drives examples/web in a real browser against a fresh demo.
//   FOLKMOOT_URL=http://127.0.0.1:8080 [SCREENSHOTS=dir] node web.mjs
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const api = process.env.FOLKMOOT_URL?.replace(/\/+$/, '');
if (!api) { console.error('web.mjs: set FOLKMOOT_URL to the base of a running fresh demo.'); process.exit(1); }
const shots = process.env.SCREENSHOTS;
const home = `${api}/v1/councils/aldermoor`;
const resident = n => `resident${n}@aldermoor.example`;
const password = 'seven herons over aldermoor-by-sea';
const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 900 };
const ok = text => console.log(`ok: ${text}`);

// The page is static, so the least of servers will do.
// FOLKMOOT_WEB is another directory with the page, to see that a page with a fault is found.
const place = process.env.FOLKMOOT_WEB ?? new URL('../../examples/web', import.meta.url).pathname;
const html = await readFile(`${place}/index.html`);
const server = createServer((request, response) => {
  const found = ['/', '/index.html'].includes(new URL(request.url, 'http://here').pathname);
  response.writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(found ? html : 'not found');
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const site = `http://127.0.0.1:${server.address().port}`;
const address = (hash = '', more = {}) => `${site}/?${new URLSearchParams({ api, council: 'aldermoor', ...more })}${hash}`;

let browser;
const complaints = [];
let expected = 0; // refusals that the test brings about: the browser writes each of them to the console

async function open(viewport, options = {}) {
  const context = await browser.newContext({ viewport, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('request', request => {
    const url = request.url();
    if (![site, api].includes(new URL(url).origin) && !url.startsWith('data:')) complaints.push(`asked another host: ${url}`);
  });
  page.on('console', message => {
    if (message.type() !== 'error') return;
    if (expected > 0 && /status of 4\d\d/.test(message.text())) { expected -= 1; return; }
    complaints.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', error => complaints.push(`page: ${error.stack}`));
  return page;
}
const shot = async (page, name) => { if (shots) { await mkdir(shots, { recursive: true }); await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true }); } };
const listed = page => page.waitForFunction(() => document.querySelectorAll('#ideas > li').length > 0 && document.querySelector('#ideas').ariaBusy === 'false');
const wait = (page, selector, pattern) => page.locator(selector).filter({ hasText: pattern }).first().waitFor();
const noSideways = async (page, where) => {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(inner <= outer, `${where}: the page is ${inner} px wide in a window of ${outer} px`);
};
const signIn = async (page, n) => { // each account may sign in ten times, then once a minute
  await page.locator('#sign-in').getByLabel('Email').fill(resident(n));
  await page.locator('#sign-in').getByLabel('Password').fill(password);
  await page.locator('#sign-in button').click();
  await page.locator('#view-sign-in').waitFor({ state: 'hidden' });
};

async function journey() {
  const page = await open(desktop);
  await page.goto(address());
  await listed(page);
  assert.equal(await page.locator('#ideas > li').count(), 12);
  assert.match(await page.locator('h1#question').textContent(), /What would make Aldermoor/);
  assert.doesNotMatch(await page.locator('#ideas').textContent(), /object Object/);
  await wait(page, '#promise', /Director of Place/);
  await wait(page, '#promise .late', /1\s*overdue/);
  const takes = (await page.locator('#phase').textContent()).match(/It takes ideas until (.+), and support until (.+)\.$/);
  assert.ok(takes && takes[1] !== takes[2], 'ideas and support end each by its own phase');
  assert.equal(await page.locator('#said').textContent(), '', 'nobody has signed out');
  await shot(page, 'list-desktop');
  ok('the list is shown, with the promise and its clock');

  await page.locator('#more').click();
  await page.waitForFunction(() => document.querySelectorAll('#ideas > li').length === 24);
  const numbers = await page.locator('#ideas h3').evaluateAll(all => all.map(one => one.id));
  assert.equal(new Set(numbers).size, 24, 'an idea is listed twice');
  assert.equal(await page.evaluate(() => document.activeElement.closest('li')?.querySelector('h3').id), numbers[12], 'the focus is on the first new idea');
  ok('the next page follows, nothing doubled, and the focus goes with it');

  await page.locator('#sort').selectOption('most_supported');
  await page.waitForFunction(() => document.querySelectorAll('#ideas > li').length === 12);
  const counts = await page.locator('#ideas .support strong').allTextContents();
  assert.deepEqual(counts.map(Number), counts.map(Number).sort((a, b) => b - a));
  await page.locator('#q').fill('market');
  await page.locator('#tools button').click();
  await wait(page, '#ideas', /market/i);
  await wait(page, '#list-note', /that is all/);
  await page.locator('#q').fill('zzzz-nothing');
  await page.locator('#tools button').click();
  await wait(page, '#list-note', /No idea fits/);
  await page.locator('#q').fill('');
  await page.locator('#show').selectOption('overdue');
  await wait(page, '#ideas .late', /Answer overdue/);
  ok('it is put in order, searched, and what is overdue is said');
  await page.locator('#show').selectOption('');
  await listed(page);

  await page.locator('#ideas .support button').first().click();
  await page.locator('#view-sign-in').waitFor();
  expected = 1;
  await wait(page, '#sign-in-why', /Support needs an account/);
  await page.locator('#sign-in').getByLabel('Email').fill(resident(1));
  await page.locator('#sign-in').getByLabel('Password').fill('not it');
  await page.locator('#sign-in button').click();
  await wait(page, '#sign-in .problem', /do not fit together/);
  await signIn(page, 1);
  await page.locator('#view-list').waitFor();
  await wait(page, '#who', /resident 1\)/);
  ok('a wrong password is refused in words; with the right one a resident is signed in and back where they were');

  await page.locator('#submit-link').click();
  await page.locator('#submit-title').fill('x');
  expected = 1;
  await page.locator('#submit').getByRole('button', { name: 'Submit the idea' }).click();
  await wait(page, '#submit-title-fault', /At least 3 characters/);
  await wait(page, '#submit-body-fault', /needed/);
  assert.equal(await page.locator('#submit-title').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'submit-title', 'the focus is on the first faulty field');
  assert.match(await page.locator('#submit-title').getAttribute('aria-describedby'), /submit-title-fault/);
  await shot(page, 'faults-desktop');
  ok('all faults are shown beside their fields');

  const title = `A bench at the ford ${process.pid}`;
  await page.locator('#submit-title').fill(title);
  await page.locator('#submit-body').fill('So that one can **sit** there. <img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Only check it' }).click();
  await wait(page, '#submit-note', /would be held/);
  await page.getByRole('button', { name: 'Submit the idea' }).click();
  await wait(page, '#submit-about', /ALD-\d+.*held until a moderator has looked/);
  await shot(page, 'submitted-desktop');
  await page.getByRole('link', { name: 'See your idea' }).click();
  await wait(page, '#view-idea h1', title);
  await wait(page, '#view-idea .text strong', 'sit');
  assert.equal(await page.locator('#view-idea img').count(), 0);
  await wait(page, '#view-idea .support', /Only a public idea can be supported/);
  ok('an idea is checked, then submitted, and its author told that it is held; support of it is refused with the reason');

  // One that this resident does not support, whatever the demo has in it.
  const token = await page.evaluate(() => JSON.parse(Object.values(sessionStorage)[0]).access_token);
  const headers = { authorization: `Bearer ${token}` };
  const challenge = (await (await fetch(`${home}/challenges`)).json()).items.find(one => one.state === 'open').id;
  const { items } = await (await fetch(`${home}/challenges/${challenge}/ideas?limit=100&state=published`)).json();
  const state = await (await fetch(`${home}/me/state?ideas=${items.map(one => one.id)}`, { headers })).json();
  const idea = items.find(one => state.ideas.some(two => two.idea === one.id && !two.supported && two.can.support.allowed));
  assert.ok(idea, 'the demo has an idea that resident 1 does not support');
  await page.goto(address(`#/ideas/${idea.number}`));
  await page.reload();
  const box = page.locator('#view-idea .support');
  const stands = async (n, button) => {
    await box.locator('strong').filter({ hasText: new RegExp(`^${n}$`) }).waitFor();
    await box.getByRole('button', { name: button, exact: true }).waitFor();
  };
  await stands(idea.supports, 'Support');
  await box.getByRole('button').click();
  await stands(idea.supports + 1, 'Take back');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Take back', 'the button keeps the focus');
  assert.match(await page.locator('#said').textContent(), /You support/);
  await page.reload();
  await stands(idea.supports + 1, 'Take back');
  ok('an idea is supported: count and button change, and it is so after a reload');
  await box.getByRole('button').click();
  await stands(idea.supports, 'Support');
  await page.reload();
  await stands(idea.supports, 'Support');
  ok('support is taken back, and it is so after a reload');

  // An hour passes, so that the access token has run out. However many calls are refused for it, they share one refresh.
  const advanced = await fetch(`${api}/v1/demo/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"advance":"PT1H"}' });
  assert.equal(advanced.status, 200, 'the clock of the demo goes on');
  const seen = { refused: 0, refreshed: 0 };
  page.on('response', response => {
    if (response.status() === 401) seen.refused += 1;
    if (response.url().endsWith('/sessions/refresh')) seen.refreshed += 1;
  });
  expected = Infinity;
  await page.reload();
  await stands(idea.supports, 'Support');
  await wait(page, '#who', /resident 1\)/);
  expected = 0;
  assert.ok(seen.refused >= 1 && seen.refreshed === 1, `${seen.refused} refusals and ${seen.refreshed} refreshes`);
  ok('an access token that has run out is refreshed once, without a word');

  await page.getByRole('link', { name: 'Back to the ideas' }).first().click();
  await listed(page);
  await page.locator('#others a').filter({ hasText: 'Getting about' }).click();
  await listed(page);
  await wait(page, '#promise', /The outcome/);
  await wait(page, '#phase', /Concluded/);
  await wait(page, '#ideas .support', /no longer/);
  const late = (await (await fetch(`${home}/commitments`)).json()).items.find(one => one.late);
  await page.locator(`#ideas a[href="#/ideas/${late.idea_number}"]`).click();
  await wait(page, '#view-idea .card h3', 'Accepted');
  await wait(page, '#view-idea .card', /Director of Place/);
  await wait(page, '#view-idea .late', /late: it was due by/);
  assert.doesNotMatch(await page.locator('main').innerText(), /\b(null|undefined|NaN|Invalid Date)\b/);
  await shot(page, 'answer-desktop');
  await page.goBack();
  await listed(page);
  const { items: answered } = await (await fetch(`${home}/challenges/${late.challenge}/ideas?limit=100`)).json();
  for (const one of answered) {
    const { items: [answer] } = await (await fetch(`${home}/ideas/${one.number}/answers`)).json();
    one.late = !!answer && answer.answered_at >= one.answer_due_at;
  }
  const [tardy] = answered.filter(one => one.late);
  await page.goto(address(`#/ideas/${tardy.number}`, { challenge: late.challenge }));
  await wait(page, '#view-idea .card .late', /answered late: due by \d/);
  await shot(page, 'late-answer-desktop');
  await page.goto(address(`#/ideas/${answered.find(one => !one.late).number}`, { challenge: late.challenge }));
  await wait(page, '#view-idea .card', /Director of Place/);
  assert.doesNotMatch(await page.locator('#view-idea').innerText(), /answered late/);
  ok('an answer that came late says so, and one in time does not');
  ok('an answer, its office and a late commitment are shown; support that is over gives its reason');

  await page.locator('#sign-out').click();
  await page.locator('#sign-in-link').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await wait(page, '#said', 'Signed out.');
  ok('signed out, nothing of the session is left in the tab');
  await page.context().close();
}

// A newcomer, from the first page to an idea of their own.
async function newcomer() {
  const page = await open(phone, { isMobile: true });
  await page.goto(address('#/submit'));
  await wait(page, '#submit-about', /An idea needs an account/);
  await page.locator('#submit-about').getByRole('link', { name: 'register' }).click();
  const form = page.locator('#register');
  await wait(page, '#notice', /We keep your address/);
  const email = `newcomer${process.pid}@aldermoor.example`;
  const own = 'four words that do not belong';
  await form.getByLabel('How you wish').fill('Robin');
  await form.getByLabel('Email').fill(email);
  await form.getByLabel('Password').fill('too short');
  expected = 1;
  await form.getByRole('button').click();
  await wait(page, '#register-password-fault', /15/);
  await noSideways(page, 'register');
  await shot(page, 'register-phone');
  await form.getByLabel('Password').fill(own);
  await form.getByRole('button').click();
  await wait(page, '#register-about', /We sent you a link/);
  await shot(page, 'registered-phone');
  const link = await mailed(email, 'confirm-email');
  const mail = await page.context().newPage();
  await mail.goto(link);
  await mail.getByLabel('The password that you chose').fill(own);
  await mail.getByRole('button').click();
  await mail.getByText('Your address is confirmed').waitFor();
  await page.locator('#register-about').getByRole('link', { name: 'sign in here' }).click();
  await page.locator('#sign-in').getByLabel('Email').fill(email);
  await page.locator('#sign-in').getByLabel('Password').fill(own);
  await page.locator('#sign-in button').click();
  await page.locator('#view-list').waitFor();
  await wait(page, '#who', 'Robin');
  await page.locator('#submit-link').click();
  await page.locator('#submit-title').waitFor();
  await page.context().close();
  ok('a newcomer registers, follows the link in the mail, signs in, and comes to the form');
}

async function mailed(to, what) { // a mail goes out within seconds
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise(done => setTimeout(done, 100))) {
    const lines = (await (await fetch(`${api}/demo/mail`)).text()).split('<li>').slice(1).filter(one => one.includes(to));
    for (const line of lines) {
      const mail = await (await fetch(api + line.match(/href="([^"]+)"/)[1])).text();
      const link = mail.match(new RegExp(`${what}#token=[\\w.-]+`));
      if (link) return `${api}/councils/aldermoor/${link[0]}`;
    }
  }
  throw new Error(`no mail to ${to} came`);
}

async function taken_down() {
  const { items } = await (await fetch(`${home}/changes?limit=500`)).json();
  const down = items.find(one => one.kind === 'idea.taken_down');
  const page = await open(desktop);
  await page.goto(address(`#/ideas/${down.subject}`));
  await wait(page, '#view-idea h1', /is not shown/);
  await wait(page, '#view-idea', /on the ground/);
  await shot(page, 'tombstone-desktop');
  ok('an idea that was taken down says so, and why');
  expected = 1;
  await page.goto(address('#/ideas/ALD-999999'));
  await wait(page, '#problem', /no such idea/i);
  ok('what is not there shows the detail of the problem');
  await page.context().close();
}

async function small() {
  let n = 1;
  for (const [name, viewport, options] of [
    ['phone', phone, { isMobile: true, hasTouch: true }], ['phone-dark', phone, { isMobile: true, colorScheme: 'dark' }],
    ['desktop-dark', desktop, { colorScheme: 'dark', reducedMotion: 'reduce' }], ['narrow', { width: 320, height: 640 }, {}],
  ]) {
    const page = await open(viewport, options);
    await page.goto(address());
    await listed(page);
    await noSideways(page, `${name}, list`);
    await shot(page, `list-${name}`);
    await page.locator('#ideas h3 a').first().click();
    await page.locator('#view-idea .support').waitFor();
    await noSideways(page, `${name}, idea`);
    await shot(page, `idea-${name}`);
    await page.locator('#sign-in-link').click();
    await noSideways(page, `${name}, sign in`);
    await shot(page, `sign-in-${name}`);
    await signIn(page, n += 1);
    await page.goto(address('#/submit'));
    await page.locator('#submit-title').waitFor();
    await noSideways(page, `${name}, submit`);
    await shot(page, `submit-${name}`);
    const little = await page.locator('button:visible, input:visible, select:visible').evaluateAll(all =>
      all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML));
    assert.deepEqual(little, [], `${name}: too little to hit with a thumb`);
    await page.context().close();
    ok(`${name}: ${viewport.width}×${viewport.height} fits, nothing scrolls sideways`);
  }
}

let code = 0;
try {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'] });
  await journey();
  await newcomer();
  await taken_down();
  await small();
  assert.deepEqual(complaints, []);
  ok('no request to another host, no error in the console');
} catch (error) {
  code = 1;
  console.error(`FAILED: ${error.message}\n${error.stack?.split('\n').filter(line => line.includes('web.mjs')).join('\n')}`);
  for (const complaint of complaints) console.error(`  ${complaint}`);
} finally {
  await browser?.close();
  server.close();
}
process.exit(code);
