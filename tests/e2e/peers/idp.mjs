// An OpenID provider that nobody here wrote (npm oidc-provider), with the settings the tests need.
//
//   node idp.mjs KEYFILE [PORT]
//
// Prints one line of JSON when it listens, and one for each command it reads from its input:
//   rotate   new keys sign, the old ones stay published
//   retire   only the keys that sign stay published
// It ends when its input does, so that it never outlives the test that started it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import Provider, { errors } from 'oidc-provider';

console.info = console.error; // notices are not answers
const [keyFile, port = '0'] = process.argv.slice(2);
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const SCOPES = ['jobs:read', 'jobs:write'];

async function freshKeys() {
  return Promise.all(ALGORITHMS.map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, ...(alg === 'EdDSA' && { crv: 'Ed25519' }) });
    const jwk = await exportJWK(privateKey);
    return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  }));
}

let keys = existsSync(keyFile) ? JSON.parse(readFileSync(keyFile, 'utf8')) : await freshKeys();
const keep = () => writeFileSync(keyFile, JSON.stringify(keys), { mode: 0o600 });

// The resource a token is asked for picks its algorithm: urn:alg:ES256.
function resourceServer(resource) {
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
        client_secret: 'a-secret-for-tests-and-nothing-else',
        grant_types: ['client_credentials'],
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
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:alg:RS256',
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => resourceServer(resource),
      },
    },
  });
  return made.callback();
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
let handle;
const server = createServer((request, response) => handle(request, response));
server.listen(Number(port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const publish = () => { keep(); handle = provider(issuer); };
  publish();
  say({ issuer });

  const input = createInterface({ input: process.stdin });
  input.on('line', async (command) => {
    if (command === 'rotate') keys = [...await freshKeys(), ...keys];
    if (command === 'retire') keys = keys.slice(0, ALGORITHMS.length);
    publish();
    say({ kids: keys.map(({ kid }) => kid) });
  });
  input.on('close', () => process.exit(0));
});
