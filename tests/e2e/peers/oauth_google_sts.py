"""Exchanges tokens with google-auth's client of RFC 8693. Reads its orders from its input; prints the
answers.
"""

import json
import sys

import google.auth.exceptions
import google.auth.transport.requests
from google.oauth2 import sts, utils

asked = json.load(sys.stdin)
client = utils.ClientAuthentication(utils.ClientAuthType.basic, asked["client"]["id"], asked["client"]["secret"])
request = google.auth.transport.requests.Request()
exchanger = sts.Client(f"{asked['issuer']}/oauth2/token", client)


def exchange(text, kind, **more):
    try:
        return exchanger.exchange_token(
            request, grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            subject_token=text, subject_token_type=kind, **more,
        )
    except google.auth.exceptions.OAuthError as error:
        return str(error.args[0])


json.dump(
    {
        "jwt": exchange(
            asked["jwt"], "urn:ietf:params:oauth:token-type:jwt", audience=asked["audience"], scopes=["jobs:read"]
        ),
        "key": exchange(asked["key"], "urn:remint:params:oauth:token-type:api-key"),
        "foreign": exchange(asked["key"], "urn:remint:params:oauth:token-type:api-key", audience="elsewhere"),
    },
    sys.stdout,
)
