// An OpenID provider that nobody here wrote (npm oidc-provider), with the settings the tests need.
//
//   node idp.mjs KEYFILE [PORT [token]]
//
// Prints one line of JSON when it listens (with a token of its own if it is asked for one), and one for each command it reads from its input:
//   announce new keys are published, the old ones sign
//   promote  the announced keys sign, the old ones stay published
//   rotate   new keys sign at once, the old ones stay published
//   retire   only the keys that sign stay published
//   introspections   how often it was asked about a token
//   fetches  how often its key set was fetched
// It ends when its input does, so that it never outlives the test that started it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { calculateJwkThumbprint, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';

console.info = console.error; // notices are not answers
const [keyFile, port = '0', withToken] = process.argv.slice(2);
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const SCOPES = ['jobs:read', 'jobs:write'];
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const SECRET = 'a-secret-for-tests-and-nothing-else';

async function freshKeys() {
  return Promise.all(ALGORITHMS.map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
    const jwk = await exportJWK(privateKey);
    return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  }));
}

let keys = existsSync(keyFile) ? JSON.parse(readFileSync(keyFile, 'utf8')) : await freshKeys();
const keep = () => writeFileSync(keyFile, JSON.stringify(keys), { mode: 0o600 });

// The resource a token is asked for picks its algorithm, urn:alg:ES256, or that it is opaque: urn:opaque.
function resourceServer(resource) {
  if (resource === 'urn:opaque') {
    return { scope: SCOPES.join(' '), audience: 'api', accessTokenFormat: 'opaque', accessTokenTTL: 200 };
  }
  const alg = ALGORITHMS.find((name) => resource === `urn:alg:${name}`);
  if (!alg) throw new errors.InvalidTarget();
  return {
    scope: SCOPES.join(' '),
    audience: 'api',
    accessTokenFormat: 'jwt',
    accessTokenTTL: 200,
    jwt: { sign: { alg } },
  };
}

function provider(issuer) {
  const made = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        client_id: 'worker',
        client_secret: SECRET,
        grant_types: ['client_credentials', EXCHANGE],
        redirect_uris: [],
        response_types: [],
        scope: SCOPES.join(' '),
      },
      {
        client_id: 'web',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
        application_type: 'native',
        scope: ['openid', ...SCOPES].join(' '),
      },
    ],
    scopes: ['openid', ...SCOPES],
    cookies: { keys: ['not-a-secret'] },
    findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    extraTokenClaims: () => ({ org_id: 'acme', plan: { name: 'pro' } }),
    features: {
      dPoP: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:alg:RS256',
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => resourceServer(resource),
      },
    },
  });
  made.registerGrantType(EXCHANGE, exchange(made), EXCHANGE_PARAMETERS, ['audience', 'resource']);
  return made.callback();
}

// RFC 8693, which the provider leaves to whoever runs it: a token for the audience that is named.
const EXCHANGE_PARAMETERS = [
  'subject_token', 'subject_token_type', 'requested_token_type', 'audience', 'resource', 'scope',
];
function exchange(made) {
  return async (ctx) => {
    const { client, params } = ctx.oidc;
    const published = createLocalJWKSet({ keys: keys.map(({ d, p, q, dp, dq, qi, ...jwk }) => jwk) });
    let claims;
    try {
      ({ payload: claims } = await jwtVerify(params.subject_token, published, { issuer: made.issuer }));
    } catch {
      throw new errors.InvalidRequest('the subject token is not one of ours');
    }
    if (params.audience !== 'internal') throw new errors.InvalidTarget();
    const token = new made.AccessToken({ client, accountId: claims.sub, scope: claims.scope, gty: 'token-exchange' });
    token.resourceServer = new made.ResourceServer('urn:internal', {
      scope: SCOPES.join(' '),
      audience: 'internal',
      accessTokenFormat: 'jwt',
      accessTokenTTL: 60,
      jwt: { sign: { alg: 'ES256' } },
    });
    ctx.oidc.entity('AccessToken', token);
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: token.expiration,
    };
  };
}

// A token for the worker, for whoever measures.
async function ownToken(issuer) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', resource: 'urn:alg:ES256', scope: 'jobs:read' });
  const headers = { authorization: `Basic ${Buffer.from(`worker:${SECRET}`).toString('base64')}` };
  const answer = await fetch(`${issuer}/token`, { method: 'POST', headers, body });
  return (await answer.json()).access_token;
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let handle;
let introspections = 0;
let fetches = 0;
const server = createServer((request, response) => {
  if (request.url === '/token/introspection') introspections += 1;
  if (request.url === '/jwks') fetches += 1;
  handle(request, response);
});
server.listen(Number(port), '127.0.0.1', async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const publish = () => { keep(); handle = provider(issuer); };
  publish();
  const token = withToken && await ownToken(issuer);
  say({ issuer, port: server.address().port, token });

  const input = createInterface({ input: process.stdin });
  input.on('line', async (command) => {
    if (command === 'introspections') return say({ introspections });
    if (command === 'fetches') return say({ fetches });
    if (command === 'announce') keys = [...keys, ...await freshKeys()];
    if (command === 'promote') keys = [...keys.slice(ALGORITHMS.length), ...keys.slice(0, ALGORITHMS.length)];
    if (command === 'rotate') keys = [...await freshKeys(), ...keys];
    if (command === 'retire') keys = keys.slice(0, ALGORITHMS.length);
    publish();
    say({ kids: keys.map(({ kid }) => kid) });
  });
  input.on('close', () => process.exit(0));
});
