-- One row: which store this is, and what its data depends on (a JSON object; there is no secret in it).
CREATE TABLE store (
    one        INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id         TEXT    NOT NULL,
    revision   INTEGER NOT NULL CHECK (revision >= 0),
    depends_on TEXT    NOT NULL
) STRICT;

INSERT INTO store (one, id, revision, depends_on) VALUES (1, 'store_' || lower(hex(randomblob(16))), 0, '{}');

-- Which schemes the digests of live keys name.
CREATE INDEX api_keys_live ON api_keys (scheme, coalesce(expires_at, 9223372036854775807)) WHERE revoked_at IS NULL;

PRAGMA user_version = 6;
