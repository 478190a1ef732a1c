// Drives every grant of an authorization server with npm openid-client, discovery first, and verifies what
// comes back with npm jose. Reads its orders from its input; prints what each step gave.
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, importPKCS8, jwtVerify } from 'jose';
import * as oc from 'openid-client';

const { issuer, audience, client, worker, signed, jwt, key } = JSON.parse(await text(process.stdin));
const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const type = (name) => `urn:ietf:params:oauth:token-type:${name}`;
const API_KEY = 'urn:remint:params:oauth:token-type:api-key';
const steps = {};

const configure = (algorithm, id, authentication) =>
  oc.discovery(new URL(issuer), id, undefined, authentication, { algorithm, execute: [oc.allowInsecureRequests] });
const keys = (config) => createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
const verified = async (config, answer, expected = audience) => {
  const options = { issuer, audience: expected, typ: 'at+jwt', requiredClaims: ['iat', 'jti', 'client_id'] };
  const { payload } = await jwtVerify(answer.access_token, keys(config), options);
  return { ...payload, token_type: answer.token_type, issued_token_type: answer.issued_token_type };
};
const refused = async (call) => {
  try {
    await call();
    return 'accepted';
  } catch (error) {
    // A challenge (401) hides the body from whoever asks for it first.
    const response = error.response ?? error.cause?.response;
    if (error.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return (await response.json()).error;
    return error.error ?? error.code ?? error.message;
  }
};

const basic = await configure('oauth2', client.id, oc.ClientSecretBasic(client.secret));
const post = await configure('oidc', client.id, oc.ClientSecretPost(client.secret));
const assertion = { key: await importPKCS8(signed.pem, 'ES256') };
const jwtAuth = await configure('oauth2', signed.id, oc.PrivateKeyJwt(assertion.key));
const exchange = (config, subject_token, subject_token_type, more = {}) =>
  oc.genericGrantRequest(config, TE, { subject_token, subject_token_type, ...more });

steps.basic = await verified(basic, await oc.clientCredentialsGrant(basic));
steps.post = await verified(post, await oc.clientCredentialsGrant(post));
steps.private_key_jwt = await verified(jwtAuth, await oc.clientCredentialsGrant(jwtAuth));
const first = await exchange(basic, jwt, type('jwt'), { audience, scope: 'jobs:read' });
steps.jwt = await verified(basic, first);
steps.api_key = await verified(post, await exchange(post, key, API_KEY));
steps.next_hop = await verified(
  basic,
  await exchange(basic, first.access_token, type('access_token'), { audience: 'orders' }),
  'orders',
);
const acting = await configure('oauth2', worker.id, oc.ClientSecretBasic(worker.secret));
const actor_token = (await oc.clientCredentialsGrant(acting)).access_token;
steps.actor = await verified(
  acting,
  await exchange(acting, key, API_KEY, { actor_token, actor_token_type: type('access_token') }),
);
steps.assertion = await verified(
  basic,
  await oc.genericGrantRequest(basic, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: jwt }),
);
steps.introspected = await oc.tokenIntrospection(basic, first.access_token);
await oc.tokenRevocation(basic, first.access_token);
steps.revoked = await oc.tokenIntrospection(basic, first.access_token);

const wrong = await configure('oauth2', client.id, oc.ClientSecretBasic('wrong'));
steps.wrong_secret = await refused(() => oc.clientCredentialsGrant(wrong));
steps.wider = await refused(() => exchange(basic, key, API_KEY, { scope: 'remint:admin' }));
steps.foreign = await refused(() => exchange(basic, key, API_KEY, { audience: 'elsewhere' }));
steps.ended = await refused(() => exchange(basic, first.access_token, type('access_token')));
steps.wrong_type = await refused(() => exchange(basic, key, type('access_token')));
process.stdout.write(JSON.stringify(steps));
