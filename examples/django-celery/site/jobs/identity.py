"""The identity service: users and their API keys are made, rotated and ended there."""

import requests
from django.conf import settings


def call(method, path, *, json=None, once=None):
    """One call as the site, whose own key may administer users."""
    headers = {"X-API-Key": settings.IDENTITY_KEY}
    if once:
        headers["Idempotency-Key"] = once
    answer = requests.request(method, settings.IDENTITY_URL + path, json=json, headers=headers, timeout=5)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def sign_up(username):
    """Makes the user with one key for jobs; the text of it comes this once."""
    made = call("POST", "/v1/users", json={"id": username, "scopes": ["jobs:write"], "issue": ["live"]})
    return made["keys"][0]


def rotate(key_id, overlap):
    """A new key in place of the old one, which goes on for `overlap`: jobs in the queue may hold it."""
    return call("POST", f"/v1/api-keys/{key_id}/rotate", json={"overlap": overlap})
