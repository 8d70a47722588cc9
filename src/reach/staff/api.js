// The API: refusals (RFC 9457) are shown as told; decide by `code`.
export const kept = (name, value) => value === undefined ? sessionStorage.getItem(`staff ${name}`)
  : value === null ? sessionStorage.removeItem(`staff ${name}`) : sessionStorage.setItem(`staff ${name}`, value);

// Which council, and what happens where somebody is signed out by the server.
export const place = { slug: new URLSearchParams(location.search).get('council') || kept('council') || '', signedOut: () => {} };
export class Problem extends Error {
  constructor({ code, title, detail, errors = [] }) { super(detail); Object.assign(this, { code, title, errors }); }
}
const home = () => `/v1/councils/${encodeURIComponent(place.slug)}`;
export const session = () => JSON.parse(kept('session'));
export const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');

export async function call(method, path, { body, version, once, again = true } = {}) {
  const token = session()?.access_token;
  const headers = {
    ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }),
    ...(version && { 'if-match': `"${version}"` }), ...(once && { 'idempotency-key': once }),
  };
  // What is public may be a minute old in the browser; whoever works with it is asked about what is.
  const response = await fetch(home() + path, { method, headers, cache: 'no-cache', body: body && JSON.stringify(body) }).catch(() => {
    throw new Problem({ code: 'offline', detail: 'The server does not answer, so nobody knows whether it was done. Check your connection, then try again.' });
  });
  const data = await response.json().catch(() => null); // 204 has no body, and what a proxy says is not JSON
  if (response.ok) return data;
  const problem = new Problem(data?.code ? data : { code: 'internal', detail: `The server answered ${response.status}. Try again later.` });
  if (problem.code === 'token_expired' && again) {
    await refresh(token);
    return call(method, path, { body, version, once, again: false });
  }
  if (problem.code === 'bad_token') { kept('session', null); place.signedOut(); }
  throw problem;
}
// A refresh token is good once: calls whose token ran out together share one refresh.
let refreshing = null;
async function refresh(refused) {
  if (session()?.access_token !== refused) return;
  refreshing ??= call('POST', '/sessions/refresh', { body: { refresh_token: session().refresh_token }, again: false })
    .then(pair => kept('session', JSON.stringify(pair)), problem => {
      if (/bad_/.test(problem.code)) { kept('session', null); place.signedOut(); }
      throw problem;
    }).finally(() => { refreshing = null; });
  await refreshing;
}
export const limited = (path, limit, cursor) => `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
export const pages = async path => { // lists that are short by nature
  const items = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await call('GET', limited(path, 100, cursor));
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
};
