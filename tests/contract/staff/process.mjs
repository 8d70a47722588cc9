// What moderators do beside deciding one case: several at once, taking words out, notes, decisions on people, merges.
import assert from 'node:assert/strict';
import { all, as, ask, closed, dialog, field, find, focused, ok, open, press, publish, ready, said, shot, signIn, submit, to, token, told, type } from './desk.mjs';

// Several cases at once: what would become of them, faults at each, a minute to take it back, and then done.
export async function together() {
  const [mo, second] = [await token('moderator'), await as('moderator2')];
  for (let n = 1; n <= 5; n += 1) await submit(`Lamp number ${n}`, 10 + n, `Ring 01632 96010${n} about the ${n}th lamp.`);
  const queue = async () => (await all('/cases', mo)).filter(one => one.title.startsWith('Lamp'));
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await page.clock.install();
  await signIn(page, 'moderator');
  await find(page, /Lamp number 1/);
  await press(page, 'x');
  await said(page, /1 thing/);
  for (const n of [2, 3, 4]) {
    await press(page, 'Shift+ArrowDown');
    await page.waitForFunction(n => document.querySelectorAll('#list .picked').length === n, n);
  }
  await ready(page);
  await shot(page, 'picked');
  // One of them is taken by somebody else.
  const [one, two] = (await queue()).filter(one => /number [12]/.test(one.title));
  await ask('PUT', `/cases/${two.id}/claim`, second, null, { 'if-match': `"${two.version}"` });
  await press(page, 'b');
  await dialog(page, 'Decide 4 cases together');
  await press(page, 'H'); // Hide
  await press(page, 'Control+Enter');
  await page.locator('#ask-ground-fault').filter({ hasText: /ground/ }).waitFor();
  await page.locator('#ask-statement-fault').filter({ hasText: /./ }).waitFor();
  await press(page, 'P'); // Personal data of others
  await field(page, 'statement', 'It gives a number. Send it again without.');
  await press(page, 'Control+Enter');
  await page.locator('#dialog .cases .late').filter({ hasText: /hand/ }).waitFor();
  assert.equal(await page.locator('#dialog .cases input:checked').count(), 3);
  await shot(page, 'batch-preview');
  // One changes between the preview and the press: that is told at it, and nothing is taken.
  await ask('PUT', `/cases/${one.id}/claim`, second, null, { 'if-match': `"${one.version}"` });
  await press(page, 'Control+Enter');
  await page.locator('#ask-cases-0-fault').filter({ hasText: /./ }).waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'ask-cases-0');
  await shot(page, 'batch-refused');
  await press(page, 'Space');
  await told(page, ['Control+Enter']);
  await said(page, /2 cases will be decided in a minute/);
  await page.locator('#undo-text').filter({ hasText: /2 cases in \d+ seconds/ }).waitFor();
  await shot(page, 'batch-counts');
  assert.deepEqual((await all('/cases?claimed=by_me', mo)).map(one => one.title).filter(title => /Lamp/.test(title)).sort(), ['Lamp number 3', 'Lamp number 4']);
  assert.equal(await page.locator('#list button').filter({ hasText: /Lamp number [34]/ }).count(), 0, 'they are out of the list meanwhile');
  await told(page, ['t']);
  await said(page, /Taken back: 2 cases are/);
  assert.equal((await queue()).length, 5, 'nothing is decided');
  await page.locator('#list button').filter({ hasText: 'Lamp number 3' }).waitFor();
  ok('cases are picked and decided together by keys; each fault stands at its case, and it is taken back');

  await find(page, /Lamp number 3/);
  await press(page, 'x');
  await said(page, /1 thing/);
  await press(page, 'Shift+ArrowDown');
  await said(page, /2 things/);
  await ready(page);
  await press(page, 'b');
  await dialog(page, 'Decide 2 cases together');
  await press(page, 'Control+Enter'); // Publish
  await page.locator('#dialog .cases input:checked').nth(1).waitFor();
  await told(page, ['Control+Enter']);
  await page.reload();
  await page.locator('#undo-text').filter({ hasText: /Publish: 2 cases/ }).waitFor();
  await ask('POST', '/v1/demo/clock', null, { advance: 'PT2M' });
  await page.clock.fastForward(70_000);
  await said(page, /2 cases decided together/);
  assert.deepEqual((await all('/cases?state=decided', mo)).filter(one => /Lamp/.test(one.title)).map(one => one.item_state), ['published', 'published']);
  ok('what is not taken back is done when the minute is over, whether the page was loaded anew or not');
  await page.context().close();
}

// Words are taken out, and the author sees what the moderator has seen; a note stays among colleagues.
export async function edits() {
  const mo = await token('moderator');
  const idea = await submit('A railing for Mrs Penrose', 16, 'Mrs Penrose falls there. Ring 01632 960177, or write to me.');
  const page = await open({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await signIn(page, 'moderator');
  await find(page, /railing/);
  // Whoever leaves a dialog behind which all was read again is where they were.
  await press(page, 'h');
  await dialog(page, 'Hide');
  await field(page, 'ground', 'P');
  await field(page, 'statement', 'It names a neighbour.');
  const [mine] = (await all('/cases?claimed=by_me', mo)).filter(one => one.idea === idea.id);
  await ask('DELETE', `/cases/${mine.id}/claim`, mo);
  await press(page, 'Control+Enter');
  await page.locator('#dialog .now').filter({ hasText: /revision 1/ }).waitFor();
  await press(page, 'Escape');
  await closed(page);
  await ready(page);
  await page.locator('#deeds').filter({ hasText: 'Take in hand' }).waitFor();
  await find(page, /railing/);
  await press(page, 'e');
  await dialog(page, 'Publish without words');
  await page.waitForFunction(() => document.activeElement.name === 'title');
  await press(page, 'End', 'Control+Shift+ArrowLeft', 'Control+Shift+ArrowLeft', 'Alt+x');
  assert.equal(await page.locator('#ask-title').inputValue(), 'A railing for [a name]');
  await field(page, 'body');
  await press(page, 'Control+Home', 'Control+Shift+ArrowRight', 'Control+Shift+ArrowRight', 'Alt+x');
  await type(page, ' always ');
  await field(page, 'ground', 'P'); // Personal data of others
  await field(page, 'statement', 'It names a neighbour.');
  await press(page, 'Control+Enter');
  await page.locator('#ask-body-fault').filter({ hasText: /Only take words out/ }).waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'body');
  await shot(page, 'edit-refused');
  await press(page, 'Control+a');
  await type(page, '[a name] falls there. Ring [a telephone number], or write to me.');
  const seen = await page.evaluate(() => ['del', 'ins'].map(tag => [...document.querySelectorAll(`#dialog ${tag}`)].map(one => one.childNodes[1].data)));
  await shot(page, 'edit');
  await told(page, ['Control+Enter']);
  await said(page, /published, without what you took out/);
  const [statement] = (await ask('GET', '/me/statements', await token('resident', 16))).items.filter(one => one.idea === idea.id);
  const words = pieces => pieces.join(' ').split(/\s+/).filter(Boolean);
  const sent = change => words([...statement.edit.title, ...statement.edit.body].filter(piece => piece.change === change).map(piece => piece.text));
  assert.deepEqual([words(seen[0]), words(seen[1])], [sent('taken_out'), sent('put_in')], 'the author sees what the moderator saw');
  assert.match((await ask('GET', `/ideas/${idea.id}`)).body, /^\[a name\] falls there\. Ring \[a telephone number\]/);
  ok('words are taken out by keys, words that are put in are refused at their field, and the author sees the same pieces');

  // What screening has found is taken out of a comment by one press.
  const comment = await ask('POST', `/ideas/${idea.id}/comments`, await token('resident', 17), { body: 'Or write to fay@penrose.example, and ring 01632 960178.' });
  await ready(page);
  await press(page, 'l');
  await page.locator('#list button').filter({ hasText: 'comment: Or write' }).waitFor();
  await find(page, /comment: Or write/);
  await press(page, 'e');
  await dialog(page, 'Publish without words');
  for (let n = 0; !/what was found/.test(await focused(page)); n += 1) { assert.ok(n < 20); await press(page, 'Tab'); }
  await press(page, 'Enter');
  await page.locator('#dialog ins').nth(1).waitFor();
  await press(page, 'Shift+Tab', 'Shift+Tab');
  await field(page, 'ground', 'P');
  await field(page, 'statement', 'It gives an address and a number.');
  await shot(page, 'edit-comment');
  await told(page, ['Control+Enter']);
  await said(page, /published, without/);
  assert.equal((await ask('GET', `/comments/${comment.id}`)).body, 'Or write to [an email address], and ring [a telephone number].');
  ok('what screening has found in a comment is taken out by one press');

  await to(page, 'Ideas', /railing/);
  await press(page, 'n');
  await dialog(page, 'Note on');
  await press(page, 'Control+Enter');
  await page.locator('#ask-body-fault').filter({ hasText: /./ }).waitFor();
  await type(page, 'Ask the ward councillor first.');
  await told(page, ['Control+Enter']);
  await said(page, /note on .* is kept/);
  await page.locator('#detail').filter({ hasText: 'Ask the ward councillor first.' }).waitFor();
  await shot(page, 'note-phone-dark');
  assert.deepEqual((await all(`/ideas/${idea.id}/notes`, mo)).map(one => one.body), ['Ask the ward councillor first.']);
  ok('a note is kept, and is read beside the idea');
  await page.context().close();
}

// The author of a case is warned and suspended; an admin ends a suspension of the staff.
export async function people() {
  const [mo, admin] = [await token('moderator'), await token('admin')];
  await submit('Eggs at the mayor', 17);
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await signIn(page, 'moderator');
  await find(page, /Eggs/);
  await press(page, 'w');
  await dialog(page, 'Warn or suspend the author');
  await press(page, 'Control+Enter');
  await page.locator('#ask-statement-fault').filter({ hasText: /./ }).waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'statement');
  await type(page, 'You call for throwing eggs.');
  await press(page, 'Control+Enter');
  await page.locator('#ask-ground-fault').filter({ hasText: /./ }).waitFor();
  await press(page, 'P');
  await told(page, ['Control+Enter']);
  await said(page, /is warned/);
  await page.locator('#detail').filter({ hasText: 'You call for throwing eggs.' }).waitFor();
  await press(page, 'w');
  await dialog(page, 'Warn or suspend the author');
  await press(page, 'S'); // Suspend
  await field(page, 'ground', 'P');
  await field(page, 'statement', 'You have called for it again.');
  await shot(page, 'suspend');
  await told(page, ['Control+Enter']);
  await said(page, /is suspended until/);
  const [one] = (await all('/cases', mo)).filter(one => one.title === 'Eggs at the mayor');
  const decided = (await ask('GET', `/cases/${one.id}/sanctions`, mo)).items;
  assert.deepEqual(decided.map(one => one.decision), ['suspend', 'warn']);
  assert.equal(Math.round((new Date(decided[0].until) - new Date(decided[0].decided_at)) / 86_400_000), 7);
  ok('an author is warned and suspended from a case, with ground and reasons');
  await page.context().close();

  const desk = await open({ viewport: { width: 390, height: 844 } });
  await signIn(desk, 'admin');
  await to(desk, 'Staff', /Mina/);
  await press(desk, 'w');
  await dialog(desk, 'Warn or suspend Mina');
  await press(desk, 'S');
  await field(desk, 'ground', 'P');
  await field(desk, 'statement', 'You have given numbers away.');
  await told(desk, ['Control+Enter']);
  await said(desk, /Mina.* is suspended until/);
  const mina = async () => (await all('/staff', admin)).find(one => one.display_name.startsWith('Mina')).state;
  assert.equal(await mina(), 'suspended');
  await ready(desk);
  await shot(desk, 'staff-phone');
  await press(desk, 'f');
  await dialog(desk, 'End the suspension of Mina');
  await told(desk, ['Control+Enter']);
  await said(desk, /suspension of Mina.* is over/);
  assert.equal(await mina(), 'active');
  ok('an admin suspends one of the staff, and ends it');
  await desk.context().close();
}

// Two ideas are to be joined to a third: proposed, refused with each fault, withdrawn.
export async function merges() {
  const into = await publish('A kerb that is low', 18), [one, two] = [await publish('A lower kerb', 19), await publish('Kerbs for wheels', 20)];
  const page = await open({ viewport: { width: 1280, height: 900 } });
  await signIn(page, 'moderator');
  await to(page, 'Ideas', /Kerbs for wheels/);
  await press(page, 'f');
  await dialog(page, 'Find ideas');
  await type(page, 'kerb');
  await told(page, ['Control+Enter']);
  await find(page, /A lower kerb/);
  await press(page, 'x');
  await said(page, /1 thing/);
  await find(page, /A kerb that is low/);
  await press(page, 'm');
  await dialog(page, 'Merge others into');
  assert.equal(await page.locator('#ask-ideas').inputValue(), one.number);
  await press(page, 'End');
  await type(page, ` ${into.number} ${two.number}`);
  await field(page, 'reason', 'All three ask for a kerb that wheels can cross.');
  await press(page, 'Control+Enter');
  await page.locator('#ask-ideas-fault').filter({ hasText: `${into.number}: This is the idea` }).waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'ideas');
  await shot(page, 'merge-refused');
  await press(page, 'Control+a');
  await type(page, `${one.number}, ${two.number}`);
  await told(page, ['Control+Enter']);
  await said(page, /It is proposed to merge/);
  const proposed = (await ask('GET', `/ideas/${into.id}/merges`)).items[0];
  assert.deepEqual([proposed.state, proposed.ideas.map(source => source.number).sort()], ['proposed', [one.number, two.number].sort()]);
  await ready(page);
  await shot(page, 'merge');
  await told(page, ['r']);
  await said(page, /Ideas that are to be merged with “kerb”: 3/);
  await ready(page);
  await find(page, /A kerb that is low/);
  await press(page, 'y');
  await dialog(page, 'Withdraw the proposal');
  await type(page, 'They are about two streets after all.');
  await told(page, ['Control+Enter']);
  await said(page, /nothing is merged/);
  assert.equal((await ask('GET', `/merges/${proposed.id}`)).state, 'withdrawn');
  await page.locator('#list-title').filter({ hasText: 'There is no such idea' }).waitFor();
  await told(page, ['r']);
  await find(page, /A kerb that is low/);
  ok('ideas are found, picked and proposed to be merged; each fault names its idea; the proposal is withdrawn');

  // What was carried out can be undone.
  const again = await ask('POST', `/ideas/${into.id}/merges`, await token('moderator'), { ideas: [one.id], reason: 'They are the same street after all.', days: 3 });
  await ask('POST', '/v1/demo/clock', null, { advance: 'P3DT1M' });
  for (const end = Date.now() + 20_000; (await ask('GET', `/merges/${again.id}`)).state === 'proposed' && Date.now() < end;) await new Promise(done => setTimeout(done, 100));
  await press(page, 'l');
  await page.locator('#deeds').filter({ hasText: 'Undo the merge' }).waitFor();
  await ready(page);
  await press(page, 'u');
  await dialog(page, 'Undo the merge');
  await type(page, 'They are not the same after all.');
  await told(page, ['Control+Enter']);
  await said(page, /stands by itself again/);
  assert.equal((await ask('GET', `/merges/${again.id}`)).state, 'reversed');
  ok('a merge that was carried out is undone');
  await page.context().close();
}
