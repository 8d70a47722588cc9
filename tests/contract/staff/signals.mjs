// Votes that look as if they did not come from people: set aside, contested, invalidated by two, and counted again.
import assert from 'node:assert/strict';
import { all, ask, dialog, ok, open, press, publish, ready, said, shot, signIn, to, token, told, type } from './desk.mjs';

// Some accounts support the same ideas within a minute, and are looked at within ten.
export async function lockstep(ideas, residents, more = () => true) {
  for (const resident of residents) {
    const who = await token('resident', resident);
    for (const idea of ideas) await ask('PUT', `/ideas/${idea.id}/support`, who);
  }
  await ask('POST', '/v1/demo/clock', null, { advance: 'PT11M' });
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise(done => setTimeout(done, 200))) {
    const [found] = await all('/signals', await token('moderator'));
    if (found && more(found)) return found;
  }
  throw new Error('no signal was found');
}
async function step(page, key, title, reason) {
  await ready(page);
  await press(page, key);
  await dialog(page, title);
  if (reason) await type(page, reason);
}

export async function signals() {
  const ideas = [];
  for (const title of ['A drum on Monday', 'A drum on Tuesday', 'A drum on Friday', 'A drum on Sunday']) ideas.push(await publish(title, 21));
  const found = await lockstep(ideas, [22, 23, 24, 25, 26]), later = await publish('A drum on Saturday', 21);
  const read = async () => ask('GET', `/signals/${found.id}`, await token('moderator'));
  const page = await open({ viewport: { width: 1280, height: 900 } });
  const sent = [];
  page.on('request', request => { if (request.method() === 'POST' && request.url().includes('/signals/')) sent.push(request.headers()['if-match']); });
  await signIn(page, 'moderator');
  await to(page, 'Signals', /Lockstep/);
  await page.locator('#detail').filter({ hasText: '5 accounts voted within 60 seconds of each other' }).waitFor();
  await shot(page, 'signal');
  await step(page, 'q', `Set aside: ${found.votes} votes`, 'short');
  await press(page, 'Control+Enter');
  await page.locator('#ask-reason-fault').filter({ hasText: /At least 10/ }).waitFor();
  await press(page, 'Control+a');
  await type(page, 'These accounts vote within seconds of each other.');
  // It grows while the reason is written: what it is now is shown, and nobody sets aside what was not read.
  const grown = await lockstep([later], [22, 23, 24, 25, 26], signal => signal.votes > found.votes);
  assert.ok(grown.version > found.version);
  await press(page, 'Control+Enter');
  await page.locator('#dialog [role=alert]').filter({ hasText: /changed it while you were writing/ }).waitFor();
  await page.locator('#dialog .now').filter({ hasText: `${grown.votes} votes` }).waitFor();
  await shot(page, 'signal-grown');
  await told(page, ['Control+Enter']);
  await said(page, /votes are set aside/);
  assert.deepEqual([(await read()).state, (await read()).votes], ['quarantined', grown.votes]);
  assert.deepEqual(sent.map(one => /^"\d+"$/.test(one)), sent.map(() => true), 'each step is on a version');
  ok('a signal is read and set aside; one that grew meanwhile is read again first');

  const voter = await token('resident', 22);
  // Voters are told a moment after.
  for (const end = Date.now() + 20_000; !(await ask('GET', '/me/signals', voter)).items.some(one => one.signal === found.id); await new Promise(done => setTimeout(done, 200))) {
    assert.ok(Date.now() < end, 'the voter is not told');
  }
  await ask('PUT', `/me/signals/${found.id}/contest`, voter, { text: 'We are a band, and voted after the rehearsal.' });
  await ask('POST', '/v1/demo/clock', null, { advance: 'P8D' });
  await press(page, 'l');
  await page.locator('#detail').filter({ hasText: 'We are a band' }).waitFor();
  await page.locator('#deeds').filter({ hasText: 'Propose to invalidate' }).waitFor();
  await shot(page, 'signal-contested');
  await step(page, 'i', 'Propose to invalidate', 'The band has four members, not six.');
  await told(page, ['Control+Enter']);
  await said(page, /proposed to be invalidated/);
  await page.locator('#detail').filter({ hasText: 'somebody else has to approve' }).waitFor();
  assert.equal((await read()).state, 'proposed');
  await page.context().close();

  const other = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await signIn(other, 'moderator2');
  await to(other, 'Signals', /Lockstep/);
  await step(other, 'a', 'Approve');
  await shot(other, 'signal-approve-phone');
  await told(other, ['Control+Enter']);
  await said(other, /votes are invalidated/);
  assert.equal((await read()).state, 'invalidated');
  await step(other, 'v', 'Reverse', 'The band has brought its two drummers along.');
  await told(other, ['Control+Enter']);
  await said(other, /counted again/);
  assert.equal((await read()).state, 'reversed');
  ok('votes are invalidated by two people, upon what was said against it, and counted again');
  await other.context().close();
}
