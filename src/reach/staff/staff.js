// A client of the public API and of nothing else: which list is shown, and what is known once somebody has signed in.
import { call, kept, pages, place, session } from './api.js';
import { answers } from './answers.js';
import { appeals } from './appeals.js';
import { goOn } from './batch.js';
import { cases } from './cases.js';
import { commitments } from './commitments.js';
import { showSignIn, whenInside } from './door.js';
import { held } from './held.js';
import { ideas } from './ideas.js';
import './keys.js';
import { load, rowOf } from './list.js';
import { people } from './people.js';
import { count, show } from './show.js';
import { signals } from './signals.js';
import { $, desk, fail, say } from './words.js';

Object.assign(show.views, { queue: cases, appeals, answers, ideas, signals, commitments, held, staff: people });
whenInside(begin);

$('more').onclick = () => load(true).catch(fail);
$('skip').onclick = event => { event.preventDefault(); $('main').focus(); };

async function route() {
  const mine = await count(), asked = location.hash.slice(1);
  const name = mine.includes(asked) ? asked : mine[0];
  Object.assign(show, { view: show.views[name], items: [], cursors: {}, chosen: null, shown: null });
  $('list').replaceChildren();
  $('also').replaceChildren();
  $('detail').replaceChildren();
  say('');
  document.title = `${show.view.title} · ${desk.council.name}`;
  await load();
  (rowOf(show.chosen ?? {}) ?? $('list-title')).focus({ preventScroll: true });
}
async function begin() {
  let vocabulary;
  [desk.council, desk.me, desk.grounds, desk.challenges, vocabulary] = await Promise.all([
    call('GET', ''), call('GET', '/me'), call('GET', '/grounds').then(list => list.items),
    pages('/challenges').then(all => all.filter(one => ['open', 'closed'].includes(one.state))), fetch('/v1/vocabulary').then(answer => answer.json()),
  ]);
  desk.words = Object.fromEntries(vocabulary.lists.map(one => [one.name, Object.fromEntries(one.words.map(word => [word.word, word.label]))]));
  await count(); // who is no moderator, officer or admin is refused here, in the server's words
  $('sign-in').hidden = true;
  $('work').hidden = $('tabs').hidden = $('help').hidden = $('sign-out').hidden = false;
  $('council').textContent = desk.council.name;
  $('who').textContent = desk.me.display_name;
  await goOn();
  await route();
}
addEventListener('hashchange', () => { if (desk.council && session()) route().catch(fail); });
if (session() && place.slug) begin().catch(problem => { if (session()) { kept('session', null); showSignIn(); } fail(problem); });
else showSignIn();
