"""Drives every grant of an authorization server with Authlib, discovery first, and verifies what comes back
with PyJWT. Reads its orders from its input; prints what each step gave.
"""

import json
import os
import sys

import jwt as pyjwt
import requests

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.base_client.errors import OAuthError  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # noqa: E402
from joserfc.jwk import ECKey  # noqa: E402

TE = "urn:ietf:params:oauth:grant-type:token-exchange"
API_KEY = "urn:remint:params:oauth:token-type:api-key"

asked = json.load(sys.stdin)
issuer, audience, client, worker, signed = (
    asked[name] for name in ("issuer", "audience", "client", "worker", "signed")
)
metadata = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=30).json()
assert metadata["issuer"] == issuer
TOKEN = metadata["token_endpoint"]
KEYS = pyjwt.PyJWKClient(metadata["jwks_uri"])


def type_of(name):
    return f"urn:ietf:params:oauth:token-type:{name}"


def session(who, method):
    return OAuth2Session(who["id"], who["secret"], token_endpoint_auth_method=method)


def own(session):
    return session.fetch_token(TOKEN, grant_type="client_credentials")


def exchange(session, text, kind, **more):
    return session.fetch_token(TOKEN, grant_type=TE, subject_token=text, subject_token_type=kind, **more)


def verified(answer, expected=audience):
    token = answer["access_token"]
    claims = pyjwt.decode(
        token,
        KEYS.get_signing_key_from_jwt(token),
        algorithms=["ES256"],
        issuer=issuer,
        audience=expected,
        options={"require": ["iss", "aud", "sub", "exp", "iat", "jti", "client_id"]},
    )
    return {**claims, "token_type": answer["token_type"], "issued_token_type": answer.get("issued_token_type")}


def refused(call):
    try:
        call()
    except OAuthError as error:
        return error.error
    return "accepted"


basic, post = session(client, "client_secret_basic"), session(client, "client_secret_post")
asserting = OAuth2Session(
    signed["id"], ECKey.import_key(signed["pem"]), token_endpoint_auth_method="private_key_jwt"
)
asserting.register_client_auth_method(PrivateKeyJWT(TOKEN, alg="ES256"))
steps = {
    "basic": verified(own(basic)),
    "post": verified(own(post)),
    "private_key_jwt": verified(own(asserting)),
}
first = exchange(basic, asked["jwt"], type_of("jwt"), audience=audience, scope="jobs:read")
steps["jwt"] = verified(first)
steps["api_key"] = verified(exchange(post, asked["key"], API_KEY))
access = first["access_token"]
steps["next_hop"] = verified(exchange(basic, access, type_of("access_token"), audience="orders"), "orders")
acting = session(worker, "client_secret_basic")
actor = own(acting)["access_token"]
steps["actor"] = verified(
    exchange(acting, asked["key"], API_KEY, actor_token=actor, actor_token_type=type_of("access_token"))
)
bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
steps["assertion"] = verified(basic.fetch_token(TOKEN, grant_type=bearer, assertion=asked["jwt"]))

introspect, revoke = metadata["introspection_endpoint"], metadata["revocation_endpoint"]
steps["introspected"] = basic.introspect_token(introspect, token=access).json()
basic.revoke_token(revoke, token=access).raise_for_status()
steps["revoked"] = basic.introspect_token(introspect, token=access).json()

steps["wrong_secret"] = refused(lambda: own(session({**client, "secret": "wrong"}, "client_secret_basic")))
steps["wider"] = refused(lambda: exchange(basic, asked["key"], API_KEY, scope="remint:admin"))
steps["foreign"] = refused(lambda: exchange(basic, asked["key"], API_KEY, audience="elsewhere"))
steps["ended"] = refused(lambda: exchange(basic, access, type_of("access_token")))
steps["wrong_type"] = refused(lambda: exchange(basic, asked["key"], type_of("access_token")))
json.dump(steps, sys.stdout)
