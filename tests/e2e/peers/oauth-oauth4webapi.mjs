// The same with npm oauth4webapi, whose validation of RFC 9068 tokens has the last word.
import { text } from 'node:stream/consumers';
import { importPKCS8 } from 'jose';
import * as o from 'oauth4webapi';

const { issuer, audience, client, worker, signed, jwt, key } = JSON.parse(await text(process.stdin));
const TE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const type = (name) => `urn:ietf:params:oauth:token-type:${name}`;
const API_KEY = 'urn:remint:params:oauth:token-type:api-key';
const http = { [o.allowInsecureRequests]: true };
const steps = {};

const url = new URL(issuer);
const documents = [];
for (const algorithm of ['oauth2', 'oidc']) {
  const response = await o.discoveryRequest(url, { algorithm, ...http });
  documents.push(await o.processDiscoveryResponse(url, response));
}
const [as] = documents;
steps.same_document = JSON.stringify(documents[0]) === JSON.stringify(documents[1]);

const service = { client_id: client.id };
const secret = o.ClientSecretBasic(client.secret);
const request = async (who, how, grant, parameters) => {
  const response = await o.genericTokenEndpointRequest(as, who, how, grant, parameters, http);
  return o.processGenericTokenEndpointResponse(as, who, response);
};
const exchange = (subject_token, subject_token_type, more = {}) =>
  request(service, secret, TE, { subject_token, subject_token_type, ...more });
const verified = async (answer, expected = audience) => {
  const received = new Request('https://service.example/', {
    headers: { authorization: `Bearer ${answer.access_token}` },
  });
  const claims = await o.validateJwtAccessToken(as, received, expected, http);
  return { ...claims, token_type: answer.token_type, issued_token_type: answer.issued_token_type };
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
const own = async (who, how) => {
  const response = await o.clientCredentialsGrantRequest(as, who, how, {}, http);
  return o.processClientCredentialsResponse(as, who, response);
};

steps.basic = await verified(await own(service, secret));
steps.post = await verified(await own(service, o.ClientSecretPost(client.secret)));
const pem = await importPKCS8(signed.pem, 'ES256');
steps.private_key_jwt = await verified(await own({ client_id: signed.id }, o.PrivateKeyJwt(pem)));
const first = await exchange(jwt, type('jwt'), { audience, scope: 'jobs:read' });
steps.jwt = await verified(first);
steps.api_key = await verified(await exchange(key, API_KEY));
steps.next_hop = await verified(
  await exchange(first.access_token, type('access_token'), { audience: 'orders' }),
  'orders',
);
const acting = [{ client_id: worker.id }, o.ClientSecretBasic(worker.secret)];
const actor_token = (await own(...acting)).access_token;
steps.actor = await verified(
  await request(...acting, TE, {
    subject_token: key,
    subject_token_type: API_KEY,
    actor_token,
    actor_token_type: type('access_token'),
  }),
);
const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
steps.assertion = await verified(await request(service, secret, bearer, { assertion: jwt }));

const introspect = async (token) =>
  o.processIntrospectionResponse(as, service, await o.introspectionRequest(as, service, secret, token, http));
steps.introspected = await introspect(first.access_token);
await o.processRevocationResponse(await o.revocationRequest(as, service, secret, first.access_token, http));
steps.revoked = await introspect(first.access_token);

steps.wrong_secret = await refused(() => own(service, o.ClientSecretBasic('wrong')));
steps.wider = await refused(() => exchange(key, API_KEY, { scope: 'remint:admin' }));
steps.foreign = await refused(() => exchange(key, API_KEY, { audience: 'elsewhere' }));
steps.ended = await refused(() => exchange(first.access_token, type('access_token')));
steps.wrong_type = await refused(() => exchange(key, type('access_token')));
process.stdout.write(JSON.stringify(steps));
