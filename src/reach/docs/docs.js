// Shows the contract, and in a demo signs the reader in and puts ids that exist into the examples.
const council = '/v1/councils/aldermoor';
const demo = document.body.classList.contains('demo');
const status = document.querySelector('.try [role=status]');
let contract, reader, renewal;

const configuration = {
  withDefaultFonts: false, telemetry: false, agent: { disabled: true }, mcp: { disabled: true },
  hideClientButton: true, showDeveloperTools: 'never', documentDownloadType: 'none',
  operationTitleSource: 'summary', defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  metaData: { title: 'The API of Folkmoot' },
};

const read = async (path, token) => {
  const answer = await fetch(path, { headers: token ? { authorization: `Bearer ${token}` } : {} });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
};

const signIn = async (role) => {
  const answer = await fetch('/v1/demo/sessions', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ role }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
};

// What is there now, by the name it has in addresses: the newest of each.
async function sights() {
  const found = { council: 'aldermoor' };
  const first = async (name, path, token, field = 'id') => {
    try { found[name] = (await read(path, token)).items[0]?.[field]; } catch { /* The example stays as it was written. */ }
  };
  const [moderator, officer] = await Promise.all(['moderator', 'officer'].map((role) => signIn(role).then((it) => it.access_token, () => '')));
  await Promise.all([
    first('challenge', `${council}/challenges`),
    first('commitment', `${council}/commitments`),
    first('case', `${council}/cases`, moderator),
    first('campaign', `${council}/campaigns`, officer),
  ]);
  await first('idea', `${council}/challenges/${found.challenge}/ideas?limit=1`, '', 'number');
  return found;
}

function fill(shown, found) {
  for (const path of Object.values(shown.paths)) {
    for (const operation of Object.values(path)) {
      for (const parameter of operation.parameters ?? []) {
        if (parameter.in === 'path' && found[parameter.name]) parameter.example = found[parameter.name];
        // Whichever version there is: nobody has read one yet.
        if (parameter.name === 'If-Match') {
          parameter.example = '*';
          parameter.description += '. Here `*`, for whichever version there is; a client names the one that it read, so that it never writes over what it has not seen.';
        }
      }
    }
  }
  return shown;
}

// The reader sends the head of a token also where there is none; whoever has no account sends nothing of the kind.
const send = window.fetch;
window.fetch = (address, options) => {
  const request = new Request(address, options);
  if (request.headers.get('authorization')?.trim() !== 'Bearer') return send(request);
  const headers = new Headers(request.headers);
  headers.delete('authorization');
  return send(new Request(request, { headers }));
};

// Enter in the search opens what is found first; the reader itself waits for an arrow key.
document.addEventListener('keydown', (event) => {
  const search = event.target;
  if (event.key !== 'Enter' || !search.matches?.('input[role=combobox]') || search.hasAttribute('aria-activedescendant')) return;
  search.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
}, true);

function show(token = '') {
  const authentication = { preferredSecurityScheme: 'bearer', securitySchemes: { bearer: { token } } };
  const next = { ...configuration, content: contract, authentication };
  if (reader) reader.updateConfiguration(next);
  else reader = Scalar.createApiReference('#reader', next);
}

async function tryAs(role) {
  clearTimeout(renewal);
  let token = '';
  if (role) {
    let session;
    try { session = await signIn(role); } catch (fault) { status.textContent = fault.message; return; }
    token = session.access_token;
    // A little before it runs out, so that the reader never meets an expired token.
    renewal = setTimeout(() => tryAs(role), (session.expires_in - 30) * 1000);
  }
  show(token);
  for (const button of document.querySelectorAll('.try button')) button.setAttribute('aria-pressed', String(button.dataset.role === role));
  status.textContent = role ? `What you test is sent as ${role}.` : 'What you test is sent without an account.';
}

contract = await read('/openapi.json');
// The document names the usual address of a server; this is one.
contract = JSON.parse(JSON.stringify(contract).replaceAll('http://127.0.0.1:8080', location.origin));
if (demo) {
  contract = fill(contract, await sights());
  for (const button of document.querySelectorAll('.try button')) button.addEventListener('click', () => tryAs(button.dataset.role));
  await tryAs('');
} else {
  show();
}
