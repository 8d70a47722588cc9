// Reads /docs in a browser as a frontend developer would: FOLKMOOT_URL is a fresh demo. SCREENSHOTS=DIR keeps pictures.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const base = process.env.FOLKMOOT_URL;
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
    await page.goto(`${base}/docs/`);
    await page.getByText('What you test is sent without an account.').waitFor();
    await page.getByRole('heading', { name: 'Refusals' }).waitFor();
    await page.getByRole('button', { name: 'officer', exact: true }).click();
    await page.getByText('What you test is sent as officer.').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'it scrolls sideways');
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/docs-${name}.png` });
    assert.deepEqual(elsewhere, [], 'it asks somebody else');
    assert.deepEqual(faults, []);
    await page.close();
  }
  console.log('ok: /docs is shown, signs in and asks nobody else');
} finally {
  await browser.close();
}
