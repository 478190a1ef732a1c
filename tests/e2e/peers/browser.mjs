// Logs a user in at idp.mjs as a browser would: authorization code with PKCE, through openid-client.
import * as oidc from 'openid-client';

const redirect_uri = 'http://127.0.0.1/callback';

// The token response, with an access token that is bound to the keys, if any are given.
export async function logIn(issuer, user, resource, keys) {
  const client = await oidc.discovery(new URL(issuer), 'web', undefined, oidc.None(), { execute: [oidc.allowInsecureRequests] });
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const start = oidc.buildAuthorizationUrl(client, {
    redirect_uri,
    resource,
    nonce,
    scope: 'openid jobs:read jobs:write',
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const callback = await walk(browser(), user, start);
  const checks = { pkceCodeVerifier, expectedNonce: nonce };
  const options = keys && { DPoP: oidc.getDPoPHandle(client, keys) };
  return oidc.authorizationCodeGrant(client, callback, checks, { resource }, options);
}

function browser() {
  const cookies = new Map();
  return async (url, form) => {
    const response = await fetch(url, {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    return response;
  };
}

// Follows redirects, and answers the two pages in between: who are you, and do you agree?
async function walk(visit, user, url, form, steps = 12) {
  if (url.href.startsWith(redirect_uri)) return url;
  if (steps === 0) throw new Error(`the login does not end: ${url.pathname}`);
  const response = await visit(url, form);
  const location = response.headers.get('location');
  if (location) return walk(visit, user, new URL(location, url), undefined, steps - 1);
  const page = await response.text();
  const action = /action="([^"]+)"/.exec(page);
  if (!action) throw new Error(`no form at ${url.pathname}: ${response.status}`);
  const answer = /value="login"/.test(page) ? { prompt: 'login', login: user, password: 'any' } : { prompt: 'consent' };
  return walk(visit, user, new URL(action[1], url), answer, steps - 1);
}
