// Compares two documents: `breaking.mjs OLD NEW` fails where NEW takes away what OLD promised.
import { readFileSync } from 'node:fs';
import { apiDiff, breaking } from 'api-smart-diff';
import { load } from 'js-yaml';

const [old, now] = process.argv.slice(2).map((path) => load(readFileSync(path, 'utf8')));
const found = apiDiff(old, now).filter((one) => one.type === breaking);
for (const one of found) console.log(`breaking: ${one.action} /${one.path.join('/')}`);
process.exit(found.length ? 1 : 0);
