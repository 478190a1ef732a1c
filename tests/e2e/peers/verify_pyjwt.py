"""Verifies a token against a published key set with PyJWT.

Reads {"jwks", "issuer", "audience", "token"} from its input; prints {"header", "claims"}; exits with 1
and the error's name if the token is refused.
"""

import json
import sys

import jwt

asked = json.load(sys.stdin)
try:
    key = jwt.PyJWKClient(asked["jwks"]).get_signing_key_from_jwt(asked["token"])
    verified = jwt.decode_complete(
        asked["token"],
        key,
        algorithms=["ES256", "RS256", "EdDSA"],
        issuer=asked["issuer"],
        audience=asked["audience"],
        options={"require": ["iss", "aud", "sub", "exp", "iat", "jti", "client_id"]},
    )
except (jwt.PyJWTError, jwt.PyJWKClientError) as error:
    sys.exit(type(error).__name__)
json.dump({"header": verified["header"], "claims": verified["payload"]}, sys.stdout)
