// Works on the page for staff by keyboard alone, as a moderator and as an officer would, and counts afterwards through the API.
//   FOLKMOOT_URL=http://127.0.0.1:8080 [SCREENSHOTS=dir] [PARTS=together,appeal] node staff.mjs
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { commitments, held } from './staff/answering.mjs';
import { all, api, ask, complaints, end, focused, launch, mailed, ok, open, password, press, said, shot, signIn, to, token, told, type } from './staff/desk.mjs';
import { edits, merges, people, together } from './staff/process.mjs';
import { signals } from './staff/signals.mjs';

// A queue of a hundred at least: one that screening finds something in, and markup that must stay text.
async function fill() {
  const challenge = (await ask('GET', '/challenges')).items.find(one => one.state === 'open').id;
  const residents = await Promise.all(Array.from({ length: 10 }, (_, n) => token('resident', n + 1)));
  for (let n = 0; n < 100; n += 1) {
    const body = n === 0 ? 'Ring me 🐟 at 01632 960123, or <img src=x onerror="document.title=1">.' : `A bench where people wait, the ${n}th of them.`;
    await ask('POST', `/challenges/${challenge}/ideas`, residents[n % residents.length], { title: `Bench number ${n}`, body });
  }
}

async function moderator() {
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await signIn(page, 'moderator', true);
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

  // Somebody else changes the case while it is written about: that is said, with what it is now, and the next press counts.
  await press(page, 'g');
  await page.locator('#dialog[open] h2').filter({ hasText: 'Give back' }).waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'ground');
  await press(page, 'P', 'Tab');
  await type(page, 'Say where the bench is to stand.');
  const [inHand] = await all('/cases?claimed=by_me', mo);
  await ask('DELETE', `/cases/${inHand.id}/claim`, mo);
  await press(page, 'Control+Enter');
  await page.locator('#dialog [role=alert]').filter({ hasText: /changed it while you were writing/ }).waitFor();
  await page.locator('#dialog .now').filter({ hasText: /revision 1/ }).waitFor();
  await page.waitForFunction(() => /Give back/.test(document.activeElement.textContent));
  await shot(page, 'changed');
  await told(page, ['Enter']);
  await said(page, /returned/i);
  assert.equal((await ask('GET', `/cases/${inHand.id}`, mo)).item_state, 'returned');
  ok('what somebody changed meanwhile is read again in the dialog, and the idea is given back by the next press');

  await told(page, ['c']);
  await said(page, /in your hands/);
  await told(page, ['c']);
  await said(page, /nobody/);
  await told(page, ['p']);
  await said(page, /published/);
  await told(page, ['z']);
  await said(page, /in the queue again/);
  const started = Date.now();
  let left = waiting - 2;
  while (await page.locator('#list button').count()) { await told(page, ['p']); left -= 1; }
  assert.equal(left, 0);
  await page.locator('#list-title').filter({ hasText: 'The queue is empty.' }).waitFor();
  assert.deepEqual(await all('/cases', mo), []);
  ok(`the queue of ${waiting} is empty by keys alone, the last ${waiting - 2} in ${Math.round((Date.now() - started) / 1000)} s`);
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

  // One against a decision on a person stands in the same list.
  const about = (await all('/cases?state=decided', second)).find(one => one.title === 'Bench number 0');
  const [{ code: ground }] = (await ask('GET', '/grounds')).items;
  await ask('POST', `/cases/${about.id}/sanctions`, second, { decision: 'warn', ground, statement: 'You have published a number before.' });
  const [warned] = (await ask('GET', '/me/sanctions', first)).items;
  await ask('POST', `/me/sanctions/${warned.id}/appeal`, first, { text: 'It never was anybody’s number.' });
  await press(page, 'l');
  await page.locator('#list button').filter({ hasText: 'on a person' }).waitFor();
  await page.waitForFunction(() => document.activeElement.closest('#listed, #detail'));
  await page.locator('#list button').first().focus();
  while (!/on a person/.test(await focused(page))) await press(page, 'ArrowDown');
  await page.locator('#detail').filter({ hasText: 'never was anybody' }).waitFor();
  await shot(page, 'appeal-person');
  await press(page, 'u');
  await page.waitForFunction(() => document.activeElement.name === 'reasons');
  await type(page, 'It stands in what you wrote.');
  await told(page, ['Control+Enter']);
  await said(page, /about a person is decided: upheld/);
  assert.equal((await ask('GET', '/me/sanctions', first)).items[0].appeal.result, 'upheld');
  ok('an appeal against a warning is in the same list, and is decided there');
  await page.context().close();
}

// Who decides from outside has a page of their own, which the mailed link opens; it amends as the API does.
async function reviewer() {
  const [admin, mo, author] = [await token('admin'), await token('moderator'), await token('resident', 4)];
  await ask('PUT', '/outside-reviewer', admin, { name: 'Kit Moss', email: 'kit@thornby.example' });
  const challenge = (await ask('GET', '/challenges')).items.find(one => one.state === 'open').id;
  const idea = await ask('POST', `/challenges/${challenge}/ideas`, author, { title: 'A bench for Kit', body: 'Ring 01632 960123.' });
  const [one] = (await ask('GET', `/cases?idea=${idea.id}`, mo)).items;
  const decision = { decision: 'remove', ground: 'personal_data', statement: 'It gives a number of somebody.' };
  await ask('POST', `/cases/${one.id}/decision`, mo, decision, { 'if-match': `"${one.version}"` });
  const statement = (await ask('GET', '/me/statements', author)).items.find(one => one.idea === idea.id);
  await ask('POST', `/me/statements/${statement.id}/appeal`, author, { text: 'Take the number out and nothing else.' });
  const { appeal } = (await all('/appeals', mo)).find(one => one.against.idea === idea.id);
  await ask('POST', `/appeals/${appeal.id}/review`, mo);
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${api}/councils/aldermoor/review#token=${await mailed('kit@', /review#token=([\w-]+)/)}`);
  await page.locator('#body').filter({ hasText: '01632 960123' }).waitFor();
  assert.ok(!(await page.locator('#case').textContent()).includes(idea.number), 'nothing tells which idea it is');
  await page.getByLabel('Another decision takes its place').check();
  await page.getByLabel('What takes its place').selectOption('return_for_changes');
  await page.getByLabel('On which ground').selectOption('personal_data');
  await page.getByLabel('Why, for who made it').fill('Send it again without the number.');
  await shot(page, 'review');
  await page.getByRole('button', { name: 'Decide' }).click();
  await page.locator('[role=status]').filter({ hasText: /Thank you/ }).waitFor();
  const { result, decision: instead } = (await ask('GET', `/appeals/${appeal.id}`, mo)).appeal;
  assert.deepEqual([result, instead], ['amended', 'return_for_changes']);
  ok('the outside reviewer amends a decision by the mailed link, and is not told whose idea it is');
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
  assert.doesNotMatch(await page.locator('#tabs').textContent(), /Queue|Signals/, 'an officer has no queue');
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
  await type(page, await mailed('admin@aldermoor.example', />\s*(\d{3} ?\d{3})\s*</));
  await press(page, 'Enter');
  await page.locator('#work').waitFor();
  await page.locator('#tabs a').nth(2).waitFor();
  ok('an admin signs in by a mailed code, and sees the queue, appeals and answers');

  await ask('POST', '/v1/demo/clock', null, { advance: 'PT1H' });
  let refreshed = 0;
  page.on('response', response => { refreshed += response.url().endsWith('/sessions/refresh'); });
  await to(page, 'Answers');
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

const PARTS = [fill, moderator, together, edits, people, merges, appeal, reviewer, officer, commitments, held, signals, ways], only = process.env.PARTS?.split(',');
let code = 0;
try {
  await launch();
  for (const part of PARTS.filter(one => !only || only.includes(one.name))) await part();
  assert.deepEqual(complaints, []);
  ok('no request to another host, no error in the console');
} catch (error) {
  code = 1;
  console.error(`FAILED: ${error.message}\n${error.stack?.split('\n').filter(line => /staff/.test(line)).join('\n')}`);
  for (const complaint of complaints) console.error(`  ${complaint}`);
} finally {
  await end();
}
process.exit(code);
