"""The identity service: users and their API keys are made, rotated and ended there."""

import requests
from django.conf import settings


def call(method, path, body):
    """One call as the site, whose own key may administer users."""
    answer = requests.request(
        method,
        settings.IDENTITY_URL + path,
        json=body,
        headers={"X-API-Key": settings.IDENTITY_KEY},
        timeout=5,
    )
    answer.raise_for_status()
    return answer.json()


def sign_up(username):
    """Makes the user with one key for jobs; the text of it comes this once."""
    made = call("POST", "/v1/users", {"id": username, "scopes": ["jobs:write"], "issue": ["live"]})
    return made["keys"][0]


def rotate(key_id, overlap):
    """A new key in place of the old one, which goes on for `overlap`: jobs in the queue may hold it."""
    return call("POST", f"/v1/api-keys/{key_id}/rotate", {"overlap": overlap})
