"""Makes a client from an OpenAPI document with openapi-python-client, and with it a user and a key.

Arguments: the address of the service. Standard input: an administrator's key. Prints the new key's text.
"""

import os
import subprocess
import sys
import tempfile

service, admin = sys.argv[1], sys.stdin.read().strip()
folder = tempfile.TemporaryDirectory()
settings = os.path.join(folder.name, "settings.json")
with open(settings, "w") as file:
    file.write('{"post_hooks": []}')  # a formatter, else
subprocess.run(
    [
        os.path.join(os.path.dirname(sys.executable), "openapi-python-client"),
        *("generate", "--url", f"{service}/openapi.json", "--meta", "none", "--config", settings),
        *("--output-path", os.path.join(folder.name, "identity"), "--fail-on-warning"),
    ],
    check=True,
    stdout=sys.stderr,
)
sys.path.insert(0, folder.name)

from identity import AuthenticatedClient  # noqa: E402
from identity.api.api_keys import create_api_key, list_api_keys  # noqa: E402
from identity.api.users import create_user, read_user  # noqa: E402
from identity.models import Environment, NewApiKey, NewUser  # noqa: E402

client = AuthenticatedClient(
    base_url=service, token=admin, prefix="", auth_header_name="X-API-Key", raise_on_unexpected_status=True
)
made = create_user.sync(client=client, body=NewUser(id="alice", tenant="acme", issue=[]))
assert made.user.tenant == "acme" and made.keys == [], made
key = create_api_key.sync(client=client, body=NewApiKey(user="alice", name="ci", environment=Environment.TEST))
assert key.user == "alice" and key.environment == Environment.TEST, key

own = AuthenticatedClient(base_url=service, token=key.key, prefix="", auth_header_name="X-API-Key")
assert read_user.sync("alice", client=own).id == "alice"
assert [each.id for each in list_api_keys.sync(client=own).items] == [key.id]
refused = create_user.sync(client=own, body=NewUser(id="bob"))
assert refused.status == 403, refused
print(key.key)
