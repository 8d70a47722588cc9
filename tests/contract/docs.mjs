// Reads /docs in a browser as a frontend developer would: FOLKMOOT_URL is a fresh demo. SCREENSHOTS=DIR keeps pictures.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const base = process.env.FOLKMOOT_URL, where = process.env.FOLKMOOT_PAGE ?? '/docs/';
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
});
try {
  for (const [name, width, height] of [['desktop', 1280, 900], ['phone', 390, 844]]) {
    const page = await browser.newPage({ viewport: { width, height } });
    const elsewhere = [], faults = [];
    page.on('request', (request) => { if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(base)) elsewhere.push(request.url()); });
    page.on('pageerror', (fault) => faults.push(String(fault)));
    await page.goto(base + where);
    await page.getByText('What you test is sent without an account.').waitFor();
    await page.getByRole('heading', { name: 'Refusals' }).waitFor();
    await page.getByRole('button', { name: 'officer', exact: true }).click();
    await page.getByText('What you test is sent as officer.').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'it scrolls sideways');
    // What the page shows is sent as it stands, by whoever was chosen.
    if (name === 'desktop') {
      // A visitor sends no token at all, also after having been somebody.
      for (const role of ['visitor', 'resident', 'visitor']) {
        await page.getByRole('button', { name: role, exact: true }).click();
        await page.getByText(role === 'visitor' ? 'What you test is sent without an account.' : `What you test is sent as ${role}.`).waitFor();
        await page.goto(`${base}${where}#tag/changes/GET/v1/councils/{council}/changes`);
        const changes = page.locator('section', { has: page.getByRole('heading', { name: 'Follow changes', exact: true }) }).last();
        await changes.getByRole('button', { name: /^Test Request/ }).click();
        const read = page.waitForResponse((answer) => answer.url().includes('/changes'));
        await page.getByRole('button', { name: /^Send/ }).first().click();
        assert.equal((await read).status(), 200, `a ${role} cannot read what is public`);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: role, exact: true }).waitFor();
      }
      await page.getByRole('button', { name: 'resident', exact: true }).click();
      await page.getByText('What you test is sent as resident.').waitFor();
      await page.goto(`${base}${where}#tag/ideas/POST/v1/councils/{council}/challenges/{challenge}/ideas`);
      const operation = page.locator('section', { has: page.getByRole('heading', { name: 'Submit an idea' }) }).last();
      await operation.getByRole('button', { name: /^Test Request/ }).click();
      const sent = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().endsWith('/ideas'));
      await page.getByRole('button', { name: /^Send/ }).first().click();
      assert.equal((await sent).status(), 201, 'the example of a submission is not taken');
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/docs-sent.png` });
      await page.keyboard.press('Escape');
    }
    if (name === 'desktop') {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('support an idea');
      await page.getByText('/v1/councils/{council}/ideas/{idea}/support').first().waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/#.*ideas\/%7Bidea%7D\/support|#.*\{idea\}\/support/);
    }
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/docs-${name}.png` });
    assert.deepEqual(elsewhere, [], 'it asks somebody else');
    assert.deepEqual(faults, []);
    await page.close();
  }
  console.log('ok: /docs is shown, signs in and asks nobody else');
} finally {
  await browser.close();
}
