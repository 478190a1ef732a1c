-- Moments are milliseconds since the Unix epoch; the greatest integer is "does not end".
-- Scopes are RFC 6749's text: tokens joined by a space. Texts compare byte by byte.

CREATE TABLE users (
    id         TEXT    NOT NULL PRIMARY KEY,
    tenant     TEXT,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    scopes     TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    -- In the order of insertion.
    seq          INTEGER NOT NULL PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    user_id      TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    environment  TEXT    NOT NULL CHECK (environment IN ('live', 'test')),
    name         TEXT,
    start        TEXT    NOT NULL,
    -- Absent: what the user may. Empty: nothing.
    scopes       TEXT,
    scheme       TEXT    NOT NULL,
    digest       BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    UNIQUE (scheme, digest)
) STRICT;

-- A user's keys, newest first; and those that go when the user goes.
CREATE INDEX api_keys_of_user ON api_keys (user_id, created_at, seq);

PRAGMA user_version = 1;
