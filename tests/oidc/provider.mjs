// A sign-in provider (oidc-provider) and, as an origin of its own, a portal whose API takes the
// provider's tokens: what the deployment of a vendor with single sign-on looks like from outside.
//
// Arguments: the address of the reference backend, which serves the portal's files and answers for
// whoever the token names. On the portal's origin, /test/expire makes every access token that
// was given so far worthless, /test/end the refresh tokens, too; /test/counts tells how
// often tokens were asked for and which were given. Prints "listening on http://HOST:PORT issuer ADDRESS" when both are there.

import { createServer, request } from 'node:http';
import Provider from 'oidc-provider';

const backend = new URL(process.argv[2]);
const PASSWORD = 'casement';
const counts = { code: 0, refresh: 0 };
/** Tokens that were given, and those of them that are good for nothing any more. */
const given = new Set();
const worthless = new Set();
const gone = new Set();

const at = (server) => `http://127.0.0.1:${server.address().port}`;
const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

/** Ends an answer that can't be given, and says why to whoever runs the test. */
const broke = (error, answer) => {
  console.error(error);
  answer.destroy();
};
const portal = createServer((ask, answer) => serve(ask, answer).catch((error) => broke(error, answer)));
await listen(portal);
const front = createServer();
await listen(front);
const issuer = at(front);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'casement',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [`${at(portal)}/signed-in.html`],
      scope: 'openid profile email offline_access',
    },
  ],
  pkce: { required: () => true },
  clientBasedCORS: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: 600, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600, IdToken: 600 },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['not a secret: a test'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, preferred_username: id, email: id }),
  }),
});
provider.on('grant.success', (context) => {
  counts[context.oidc.params.grant_type === 'refresh_token' ? 'refresh' : 'code'] += 1;
});
// The package's own pages ask for a typeface from elsewhere, which a test must not.
provider.use(async (context, next) => {
  await next();
  if (typeof context.body === 'string') context.body = context.body.replace(/@import url\([^)]*\);?/g, '');
});
front.on('request', provider.callback());

/** Sessions at the backend by person, which stand for what a resource server would know. */
const sessions = new Map();

async function sessionOf(login) {
  if (!sessions.has(login)) {
    const answer = await fetch(new URL('/api/session', backend), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ login, password: PASSWORD }),
    });
    if (!answer.ok) throw new Error(`the backend does not know ${login}`);
    const { csrf } = await answer.json();
    const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
    sessions.set(login, { cookie, 'x-csrf-token': csrf });
  }
  return sessions.get(login);
}

async function personOf(ask) {
  const [, text] = /^Bearer (.+)$/.exec(ask.headers.authorization ?? '') ?? [];
  const token = text && (await provider.AccessToken.find(text));
  return token && !worthless.has(token.jti) ? token.accountId : undefined;
}

async function serve(ask, answer) {
  const path = new URL(ask.url, 'http://any').pathname;
  if (path.startsWith('/test/')) return control(path, answer);
  const headers = { ...ask.headers, host: backend.host };
  delete headers.authorization;
  delete headers.cookie;
  if (headers.origin) headers.origin = backend.origin;
  if (path.startsWith('/api/')) {
    const person = await personOf(ask);
    if (!person) {
      answer.writeHead(401, { 'content-type': 'application/problem+json' });
      return answer.end(JSON.stringify({ code: 'signed_out', status: 401 }));
    }
    Object.assign(headers, await sessionOf(person));
  }
  // On a connection of its own: one that is kept may end in the moment it is used again.
  const way = { method: ask.method, headers, agent: false };
  const passed = request(new URL(ask.url, backend), way, (came) => {
    const told = { ...came.headers };
    delete told['set-cookie'];
    const policy = told['content-security-policy'];
    // What an operator adds to the policy of the portal's pages: the provider may be asked.
    if (policy) told['content-security-policy'] = policy.replace("connect-src 'self'", `connect-src 'self' ${issuer}`);
    answer.writeHead(came.statusCode, told);
    came.pipe(answer);
  });
  passed.on('error', (error) => broke(error, answer));
  ask.pipe(passed);
}

async function control(path, answer) {
  if (path === '/test/expire' || path === '/test/end') for (const one of given) worthless.add(one);
  if (path === '/test/end') for (const one of given) gone.add(one);
  answer.writeHead(200, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ ...counts, given: [...given] }));
}

for (const kind of ['access_token', 'refresh_token']) {
  provider.on(`${kind}.saved`, (token) => given.add(token.jti));
  provider.on(`${kind}.issued`, (token) => given.add(token.jti));
}

// A refresh token that was ended is not found any more.
const find = provider.RefreshToken.find.bind(provider.RefreshToken);
provider.RefreshToken.find = async (...words) => {
  const found = await find(...words);
  return gone.has(found?.jti) ? undefined : found;
};

console.log(`listening on ${at(portal)} issuer ${issuer}`);
