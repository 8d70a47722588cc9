// Looks at every page that the server makes, at the example page and at every mail as axe-core does: WCAG 2.0 to 2.2, A and AA,
// light and dark, on a phone and on a desktop.
//   FOLKMOOT_URL=http://127.0.0.1:8080 FOLKMOOT_MAILS=dir node axe.mjs
// FOLKMOOT_WEB is another directory with the example page, to see that a page with a fault is found.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { answer } from './staff/answering.mjs';
import { all, ask, publish, submit, token } from './staff/desk.mjs';
import { lockstep } from './staff/signals.mjs';
import { standIn } from './stand-in.mjs';

const api = process.env.FOLKMOOT_URL?.replace(/\/+$/, ''), mails = process.env.FOLKMOOT_MAILS;
if (!api || !mails) { console.error('axe.mjs: set FOLKMOOT_URL to the base of a fresh demo, and FOLKMOOT_MAILS to the mails of `folkmoot mail preview`.'); process.exit(1); }
const home = `${api}/v1/councils/aldermoor`;
const password = 'seven herons over aldermoor-by-sea';
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

// What is not ours to mend: the reader of /docs (Scalar) fails these on its own parts. No page of ours may be added here.
const THIRD_PARTY = { '/docs/': ['color-contrast', 'scrollable-region-focusable'] };

const json = async (address, options) => (await fetch(address, options)).json();
const post = (address, body, token) => json(address, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) } });
const demo = async role => (await post(`${api}/v1/demo/sessions`, { role })).access_token;

// What stands in addresses, so that every page has something on it.
async function sights() {
  const challenges = (await json(`${home}/challenges`)).items;
  const { items: changes } = await json(`${home}/changes?limit=500`);
  const commitment = (await json(`${home}/commitments`)).items.find(one => one.late);
  const mail = (await (await fetch(`${api}/demo/mail`)).text()).match(/\/demo\/mail\/([\w-]+)/)[1];
  // The story has no update yet, so an officer writes one.
  const open = challenges.find(one => one.state === 'open').id;
  const text = { title: 'The counts are done', body: '**2,140 people** cross on a school day.', office: 'Director of Place', mail: false };
  const update = await post(`${home}/challenges/${open}/updates`, text, await demo('officer'));
  assert.ok(update.id, `no update: ${JSON.stringify(update)}`);
  return {
    update: [update.id], council: ['aldermoor'], provider: [], code: ['invalid'], mail: [mail],
    challenge: [open, commitment.challenge],
    idea: [commitment.idea_number, changes.find(one => one.kind === 'idea.taken_down').subject],
  };
}
// Every page of the contract: one that is added is looked at without a word here.
async function addresses() {
  const found = await sights(), { paths } = await json(`${api}/openapi.json`);
  const pages = Object.entries(paths).filter(([, item]) => item.get?.responses['200']?.content?.['text/html']).map(([path]) => path);
  assert.ok(pages.length >= 15, `only ${pages.length} pages in the contract`);
  const filled = pages.flatMap(path => [...path.matchAll(/\{(\w+)\}/g)].reduce((all, [name, word]) => {
    assert.ok(found[word], `what is to stand for ${name} in ${path}?`);
    return all.flatMap(one => found[word].map(value => one.replace(name, value)));
  }, [path]));
  // The form of a mailed link is there only with its secret; one page is looked at as it is without.
  return ['/', '/councils/nowhere', '/docs/', '/staff', '/councils/aldermoor/join', ...filled.map(path => `${path}#token=secret`)];
}

let browser, looks = 0;
const faults = new Set();
async function look(page, name, known = []) {
  for (const [kind, viewport] of [['desktop', { width: 1280, height: 900 }], ['phone', { width: 390, height: 844 }]]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { violations } = await page.evaluate(tags => window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), TAGS);
      looks += 1;
      for (const { id, help, nodes } of violations.filter(one => !known.includes(one.id))) {
        for (const node of nodes.slice(0, 3)) faults.add(`${name}, ${kind}, ${colorScheme}: ${id} (${help}) ${node.target.join(' ')}\n    ${node.failureSummary.replaceAll('\n', ' ')}`);
      }
    }
  }
}
async function open(address) {
  const page = await (await browser.newContext({ locale: 'en-GB', bypassCSP: true })).newPage();
  page.setDefaultTimeout(15_000);
  await page.addInitScript(axe);
  await standIn(page);
  await page.goto(address);
  return page;
}

async function pages() {
  for (const path of await addresses()) {
    const page = await open(api + path);
    if (path === '/docs/') await page.getByRole('heading', { name: 'Refusals' }).waitFor();
    await look(page, path, THIRD_PARTY[path]);
    await page.context().close();
  }
}
// Each list of the page for staff, with the dialogs that keys open there.
const STAFF = { queue: 'egwn', appeals: '', answers: 'asn', ideas: 'mnf', signals: 'qf', commitments: 'sme', held: 'y', staff: 'w' };
async function staff() {
  await submit('A bench at the ford', 1, 'Ring me at 01632 960123.');
  // Something that waits in each: an appeal, a signal, a milestone, and what is held while the council is quiet.
  const resident = await token('resident', 3);
  const number = await submit('A number at the ford', 3, 'Ring them at 01632 960124.');
  const [one] = (await ask('GET', `/cases?idea=${number.id}`, await token('moderator'))).items;
  await ask('POST', `/cases/${one.id}/decision`, await token('moderator'), { decision: 'hide', ground: 'personal_data', statement: 'It gives a number.' }, { 'if-match': `"${one.version}"` });
  const [statement] = (await ask('GET', '/me/statements', resident)).items;
  await ask('POST', `/me/statements/${statement.id}/appeal`, resident, { text: 'The number is the council’s own hotline.' });
  const drums = [];
  for (const title of ['A drum on Monday', 'A drum on Tuesday', 'A drum on Friday', 'A drum on Sunday']) drums.push(await publish(title, 4));
  await lockstep(drums, [5, 6, 7, 8, 9]);
  const officer = await token('officer'); // the clock has moved on
  const promised = [...await all('/commitments?status=planned'), ...await all('/commitments?status=in_progress')].sort((a, b) => a.due_on.localeCompare(b.due_on))[0];
  await ask('POST', `/commitments/${promised.id}/milestones`, officer, { title: 'The ground is bought', planned_on: '2036-03-03' });
  const today = (await ask('GET', '/me/work', officer)).now.slice(0, 10);
  const quiet = await ask('POST', '/quiet-periods', officer, { area: 'All of Aldermoor', ground: 'Local elections', starts_on: today, ends_on: today });
  await answer(drums[0], 'declined');

  const page = await open(`${api}/staff?council=aldermoor`), opened = page.locator('#dialog[open] h2');
  await look(page, 'the way in for staff');
  await page.getByLabel('Email').fill('admin@aldermoor.example');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('#work').waitFor();
  await page.locator('#list button').filter({ hasText: 'A bench at the ford' }).click();
  await page.locator('#detail mark').waitFor();
  await look(page, 'a finding in the queue');
  await page.keyboard.press('h');
  await opened.waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('[aria-invalid=true]').first().waitFor();
  await look(page, 'the dialog of a decision that is refused');
  await page.keyboard.press('Escape');
  for (const [view, keys] of Object.entries(STAFF)) {
    await page.goto(`${api}/staff?council=aldermoor#${view}`);
    await page.reload();
    await page.locator('#deeds').waitFor();
    await page.locator('#detail[aria-busy=false]').waitFor();
    await look(page, `${view} of staff`);
    for (const key of keys) {
      await page.keyboard.press(key);
      await opened.waitFor();
      await look(page, `${key} in ${view} of staff`);
      await page.keyboard.press('Escape');
      await opened.waitFor({ state: 'detached' });
      await page.locator('#work:not([data-busy])').waitFor(); // a case that is not written about any more is let go
    }
  }
  await page.goto(`${api}/staff?council=aldermoor#queue`);
  await page.locator('#deeds').filter({ hasText: 'Publish' }).waitFor();
  await page.keyboard.press('x');
  await page.locator('#deeds').filter({ hasText: 'together' }).waitFor();
  await look(page, 'what is picked in the queue');
  await page.keyboard.press('b');
  await opened.waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('#dialog .cases').waitFor();
  await look(page, 'what would become of those picked');
  await page.keyboard.press('Control+Enter');
  await page.locator('#undo-text').filter({ hasText: 'seconds' }).waitFor();
  await look(page, 'the minute in which it can be taken back');
  await page.keyboard.press('?');
  await look(page, 'the keys of staff');
  await page.context().close();
  await ask('POST', `/quiet-periods/${quiet.id}/end`, officer);
}
async function example() {
  const place = process.env.FOLKMOOT_WEB ?? new URL('../../examples/web', import.meta.url).pathname;
  const html = await readFile(`${place}/index.html`);
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html));
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const page = await open(`http://127.0.0.1:${server.address().port}/?${new URLSearchParams({ api, council: 'aldermoor' })}`);
  await page.locator('#ideas > li').first().waitFor();
  await look(page, 'the example page');
  await page.locator('#ideas h3 a').first().click();
  await page.locator('#view-idea .support').waitFor();
  await look(page, 'an idea on the example page');
  for (const [link, wanted] of [['#/register', '#notice *'], ['#/sign-in', '#sign-in-email']]) {
    await page.goto(page.url().replace(/#.*/, '') + link);
    await page.locator(wanted).first().waitFor();
    await look(page, `${link} of the example page`);
  }
  await page.locator('#fill-in').click();
  await page.keyboard.press('Enter');
  await page.locator('#view-list').waitFor();
  await page.goto(page.url().replace(/#.*/, '') + '#/submit');
  await page.locator('#submit-title').waitFor();
  await look(page, '#/submit of the example page');
  await page.context().close();
  server.close();
}
async function mailed() {
  const files = (await readdir(mails)).filter(name => name.endsWith('.html'));
  assert.ok(files.length >= 20, `only ${files.length} mails`);
  for (const file of files) {
    const page = await open(pathToFileURL(`${mails}/${file}`).href);
    await look(page, `the mail ${file}`);
    await page.context().close();
  }
}

try {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'] });
  // The planted page is the only one that is looked at where there is one.
  const parts = process.env.FOLKMOOT_WEB ? [example] : [example, staff, pages, mailed], only = process.env.PARTS?.split(',');
  for (const part of parts.filter(one => !only || only.includes(one.name))) await part();
  for (const fault of faults) console.error(fault);
  assert.equal(faults.size, 0, `axe finds ${faults.size} faults`);
  console.log(`ok: axe finds nothing in ${looks} looks`);
} finally {
  await browser?.close();
}
