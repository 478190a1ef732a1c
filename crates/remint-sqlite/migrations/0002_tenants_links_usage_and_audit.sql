-- It runs inside one transaction, with foreign keys on. Tables are altered and not made anew:
-- dropping `users` to rename another in its place would delete every key by their foreign key.

CREATE TABLE tenants (
    id         TEXT    NOT NULL PRIMARY KEY,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    plan       TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO tenants (id, enabled, created_at)
SELECT tenant, 1, min(created_at) FROM users WHERE tenant IS NOT NULL GROUP BY tenant;

ALTER TABLE users ADD COLUMN tenant_id TEXT REFERENCES tenants (id);
UPDATE users SET tenant_id = tenant WHERE tenant IS NOT NULL;
ALTER TABLE users DROP COLUMN tenant;
-- A JSON array of texts.
ALTER TABLE users ADD COLUMN entitlements TEXT NOT NULL DEFAULT '[]';
ALTER TABLE users ADD COLUMN plan TEXT;

-- In CIDR notation, joined by a space. Empty: from anywhere.
ALTER TABLE api_keys ADD COLUMN networks TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN rotated_to TEXT;

-- A user's keys, newest first; and those that go when the user goes.
DROP INDEX api_keys_of_user;
CREATE INDEX api_keys_of_user ON api_keys (user_id, created_at, id);
-- Keys of schemes that cannot be looked up by digest.
CREATE INDEX api_keys_by_start ON api_keys (start);

CREATE TABLE external_identities (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX external_identities_of_user ON external_identities (user_id, issuer, subject);

-- Idempotency keys: what was asked for, and the id of what was made.
CREATE TABLE once (
    key      BLOB    NOT NULL PRIMARY KEY,
    request  BLOB    NOT NULL,
    resource TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX once_by_age ON once (at);

-- An empty text is none: no tenant and no key has it for an id. It names users and keys that may
-- be gone.
CREATE TABLE usage (
    day         INTEGER NOT NULL,
    subject     TEXT    NOT NULL,
    tenant      TEXT    NOT NULL,
    api_key     TEXT    NOT NULL,
    environment TEXT    NOT NULL CHECK (environment IN ('live', 'test')),
    requests    INTEGER NOT NULL CHECK (requests >= 0),
    units       INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (day, subject, tenant, api_key, environment)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_of_subject ON usage (subject, day, tenant, api_key, environment);
CREATE INDEX usage_of_tenant ON usage (tenant, day, subject, api_key, environment);

-- Which batches of usage were added.
CREATE TABLE usage_batches (
    id BLOB    NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_batches_by_age ON usage_batches (at);

-- `actor` and `detail` are JSON objects. It names users and keys that may be gone.
CREATE TABLE audit (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT CHECK (seq > 0),
    at      INTEGER NOT NULL,
    action  TEXT    NOT NULL,
    actor   TEXT    NOT NULL,
    user_id TEXT,
    tenant  TEXT,
    api_key TEXT,
    detail  TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;

CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;

-- `INSERT OR REPLACE` would delete without asking the trigger above.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN
    SELECT raise(ABORT, 'the audit trail only grows');
END;

PRAGMA user_version = 2;
