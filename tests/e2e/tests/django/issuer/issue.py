"""Makes API keys with djangorestframework-api-key, in a database of its own.

`issue.py DATABASE` prints {"version", "keys": {name: text}}. Each key bears the name of its user.
"""

import json
import sys
from datetime import timedelta
from importlib.metadata import version

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework_api_key"],
    USE_TZ=True,
)
django.setup()
call_command("migrate", verbosity=0)

from django.utils import timezone  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402

now = timezone.now()
made = {
    "alice": {},
    "bob": {"expiry_date": now + timedelta(days=1)},
    "ended": {"expiry_date": now - timedelta(seconds=1)},
    "revoked": {"revoked": True},
}
keys = {name: APIKey.objects.create_key(name=name, **more)[1] for name, more in made.items()}
assert [name for name, key in keys.items() if APIKey.objects.is_valid(key)] == ["alice", "bob"]
json.dump({"version": version("djangorestframework-api-key"), "keys": keys}, sys.stdout)
