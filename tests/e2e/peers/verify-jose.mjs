// Verifies a token against a published key set with npm jose. Reads {"jwks","issuer","audience","token"}
// from its input; prints {"header","claims"}; exits with 1 and the error's code if the token is refused.
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { jwks, issuer, audience, token } = JSON.parse(await text(process.stdin));
try {
  const verified = await jwtVerify(token, createRemoteJWKSet(new URL(jwks)), {
    issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['ES256', 'RS256', 'EdDSA'],
    requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat', 'jti', 'client_id'],
  });
  process.stdout.write(JSON.stringify({ header: verified.protectedHeader, claims: verified.payload }));
} catch (error) {
  process.stderr.write(`${error.code ?? error.message}\n`);
  process.exit(1);
}
