// FOLKMOOT_STAFF: what stands in the place of the page for staff. A file is another script in the place of the page's own of that name, to
// see that one with a fault is found; a directory has all of its files, to see what is written without building the server.
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';

const place = process.env.FOLKMOOT_STAFF;
const TYPES = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.html': 'text/html; charset=utf-8' };

export async function standIn(page) {
  if (!place) return;
  const whole = (await stat(place)).isDirectory();
  await page.route(url => /^\/staff(\/|$)/.test(url.pathname), async route => {
    const asked = basename(new URL(route.request().url()).pathname), file = asked === 'staff' ? 'staff.html' : asked;
    if (!whole && file !== basename(place)) return route.continue();
    const body = await readFile(whole ? `${place}/${file}` : place, 'utf8');
    // With the policy that the page comes with, and for a file that the server does not have yet, too.
    await route.fulfill({ response: await route.fetch(), status: 200, contentType: TYPES[extname(file)], body });
  });
}
