// What officers do beside answering: what was promised and what came of it, and what is held in a quiet period.
import assert from 'node:assert/strict';
import { all, ask, dialog, field, ok, open, press, publish, ready, said, shot, signIn, to, token, told, type } from './desk.mjs';

export const answer = async (idea, kind) => {
  const { version } = await ask('GET', `/ideas/${idea.id}`);
  return ask('POST', `/ideas/${idea.id}/answers`, await token('officer'), { kind, office: 'Director of Place', reason: 'It will be there next summer.' }, { 'if-match': `"${version}"` });
};

export async function commitments() {
  const idea = await publish('A pump at the well', 28), otto = await token('officer');
  await answer(idea, 'accepted');
  const page = await open({ viewport: { width: 390, height: 844 } });
  await signIn(page, 'officer');
  await to(page, 'Ideas', /A pump at the well/);
  await press(page, 'c');
  await dialog(page, 'Commit to');
  await press(page, 'Control+Enter');
  await page.locator('#ask-due_on-fault').filter({ hasText: /./ }).waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'what');
  await type(page, 'Build the pump.');
  await field(page, 'due_on', '08082036');
  await told(page, ['Control+Enter']);
  await said(page, /Said in public/);
  const [made] = await all(`/commitments?idea=${idea.id}`);
  assert.deepEqual([made.what, made.due_on, made.status], ['Build the pump.', '2036-08-08', 'planned']);

  await to(page, 'Commitments', /Build the pump/);
  await press(page, 'm');
  await dialog(page, 'Milestone on');
  await type(page, 'The ground is bought');
  await field(page, 'planned_on', '03032036');
  await told(page, ['Control+Enter']);
  await said(page, /Planned for 3 March 2036/);
  await ready(page);
  await press(page, 'e');
  await dialog(page, 'Reached');
  await field(page, 'evidence', 'The deed is at the registry.');
  await field(page, 'evidence_url', 'https://registry.example/deed');
  await shot(page, 'milestone-phone');
  // Somebody puts another day to it meanwhile.
  const [step] = (await ask('GET', `/commitments/${made.id}/milestones`)).items;
  const today = (await ask('GET', '/me/work', otto)).now.slice(0, 10);
  await ask('PUT', `/commitments/${made.id}/milestones/${step.id}/evidence`, otto, { done_on: today, evidence: 'So it is said.' }, { 'if-match': `"${step.version}"` });
  await press(page, 'Control+Enter');
  await page.locator('#dialog .now').filter({ hasText: 'So it is said.' }).waitFor();
  await told(page, ['Control+Enter']);
  await said(page, /Reached .*: The ground is bought/);
  const [reached] = (await ask('GET', `/commitments/${made.id}/milestones`)).items;
  assert.deepEqual([reached.evidence, reached.evidence_url, reached.done_on], ['The deed is at the registry.', 'https://registry.example/deed', today]);
  await ready(page);
  await shot(page, 'commitment-phone');
  await press(page, 's');
  await dialog(page, 'Commitment on');
  await press(page, 'D', 'D'); // Dropped
  await press(page, 'Control+Enter');
  await page.locator('#ask-status_reason-fault').filter({ hasText: /./ }).waitFor();
  await type(page, 'The well has run dry.');
  await told(page, ['Control+Enter']);
  await said(page, /: dropped/);
  assert.deepEqual([(await ask('GET', `/commitments/${made.id}`)).status, await page.locator('#list button').filter({ hasText: 'Build the pump' }).count()], ['dropped', 0]);
  ok('a commitment is made, a milestone planned and reached with what shows it, and the commitment dropped with a reason');
  await page.context().close();
}

export async function held() {
  const idea = await publish('A bell at the school', 29), otto = await token('officer');
  const today = (await ask('GET', '/me/work', otto)).now.slice(0, 10);
  const quiet = await ask('POST', '/quiet-periods', otto, { area: 'All of Aldermoor', ground: 'Local elections', starts_on: today, ends_on: today });
  await answer(idea, 'declined');
  const page = await open({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' });
  await signIn(page, 'officer');
  await to(page, 'Held', /A bell at the school/);
  await page.locator('#detail').filter({ hasText: 'It will be there next summer.' }).waitFor();
  await shot(page, 'held-dark');
  await press(page, 'y');
  await dialog(page, 'Withdraw: Answer');
  await told(page, ['Control+Enter']);
  await said(page, /Withdrawn: Answer/);
  await page.locator('#list-title').filter({ hasText: 'Nothing is held.' }).waitFor();
  const [act] = await all('/held-acts', otto);
  assert.deepEqual([act.idea, act.state], [idea.number, 'withdrawn']);
  await ask('POST', `/quiet-periods/${quiet.id}/end`, otto);
  ok('what is held in a quiet period is read and withdrawn');
  await page.context().close();
}
