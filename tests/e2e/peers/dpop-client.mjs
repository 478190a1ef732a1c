// Takes a token that is bound to a key (RFC 9449) from an OpenID provider with npm openid-client, of a user if
// one is named, and calls a resource with it: as it should be done, and in each way that must not be. Reads its
// orders from its input; prints what each call gave.
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import * as oc from 'openid-client';
import { logIn } from './browser.mjs';

const { issuer, client, user, resource, url } = JSON.parse(await text(process.stdin));
const config = await oc.discovery(new URL(issuer), client.id, undefined, oc.ClientSecretBasic(client.secret), {
  execute: [oc.allowInsecureRequests],
});
const keys = await oc.randomDPoPKeyPair('ES256');
const DPoP = oc.getDPoPHandle(config, keys);
const token = user
  ? await logIn(issuer, user, resource, keys)
  : await oc.clientCredentialsGrant(config, { resource, scope: 'jobs:read' }, { DPoP });

// What openid-client sends is kept, and can be changed on its way: it makes no wrong requests itself.
const sent = [];
let change = {};
config[oc.customFetch] = (to, options) => {
  const request = { ...options, ...change, headers: { ...options.headers, ...change.headers } };
  sent.push(request);
  return fetch(change.url ?? to, request);
};

async function call({ handle = DPoP, target = url, method = 'GET', changed = {} } = {}) {
  const before = sent.length;
  change = changed;
  const body = method === 'GET' ? undefined : 'any';
  const options = { DPoP: handle ?? undefined };
  const came = async () => {
    try {
      return { response: await oc.fetchProtectedResource(config, token.access_token, new URL(target), method, body, undefined, options) };
    } catch (error) {
      if (error.code !== 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') throw error;
      return { response: error.response, challenges: error.cause };
    }
  };
  const { response, challenges = [] } = await came();
  const answer = await response.text();
  const { status } = response;
  return { status, challenges, body: status === 200 ? JSON.parse(answer) : answer, requests: sent.length - before };
}

const strangers = await oc.randomDPoPKeyPair('ES256');
const made = (how) => oc.getDPoPHandle(config, keys, { [oc.modifyAssertion]: how });
const steps = { token_type: token.token_type };

steps.first = await call();
steps.second = await call();
const { dpop } = sent.at(-1).headers;
steps.query = await call({ target: `${url}?page=2` });
steps.plain = await call({ handle: null });
steps.plain_with_a_proof = await call({ changed: { headers: { authorization: `Bearer ${token.access_token}` } } });
steps.replayed = await call({ changed: { headers: { dpop } } });
steps.another_path = await call({ target: new URL('/elsewhere', url).href, changed: { url } });
steps.another_method = await call({ method: 'POST', changed: { method: 'GET', body: undefined } });
steps.another_key = await call({ handle: oc.getDPoPHandle(config, strangers) });
steps.another_token = await call({ handle: made((_, claims) => { claims.ath = createHash('sha256').update('another token').digest('base64url'); }) });
steps.old = await call({ handle: made((_, claims) => { claims.iat -= 3600; }) });
steps.another_nonce = await call({ handle: made((_, claims) => { claims.nonce = 'bm9ib2R5IGdhdmUgdGhpcw'; }) });
steps.no_proof = await call({ handle: null, changed: { headers: { authorization: `DPoP ${token.access_token}` } } });
steps.last = await call();
process.stdout.write(JSON.stringify(steps));
