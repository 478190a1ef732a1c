-- Moments are milliseconds since the Unix epoch; the greatest integer is "does not end".
-- Scopes are RFC 6749's text: tokens joined by a space. Texts compare byte by byte.

CREATE TABLE remint.tenants (
    id         TEXT COLLATE "C" PRIMARY KEY,
    enabled    BOOLEAN NOT NULL,
    plan       TEXT    COLLATE "C",
    created_at BIGINT  NOT NULL
);

CREATE TABLE remint.users (
    id           TEXT    COLLATE "C" PRIMARY KEY,
    tenant_id    TEXT    COLLATE "C" CONSTRAINT users_tenant REFERENCES remint.tenants (id),
    enabled      BOOLEAN NOT NULL,
    scopes       TEXT    COLLATE "C" NOT NULL,
    entitlements TEXT[]  COLLATE "C" NOT NULL,
    plan         TEXT    COLLATE "C",
    created_at   BIGINT  NOT NULL
);

CREATE TABLE remint.external_identities (
    issuer  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL
            CONSTRAINT external_identities_user REFERENCES remint.users (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX external_identities_of_user ON remint.external_identities (user_id, issuer, subject);

CREATE TABLE remint.api_keys (
    id           TEXT   COLLATE "C" PRIMARY KEY,
    user_id      TEXT   COLLATE "C" NOT NULL
                 CONSTRAINT api_keys_user REFERENCES remint.users (id) ON DELETE CASCADE,
    environment  TEXT   COLLATE "C" NOT NULL CHECK (environment IN ('live', 'test')),
    name         TEXT   COLLATE "C",
    start        TEXT   COLLATE "C" NOT NULL,
    -- Absent: what the user may. Empty: nothing.
    scopes       TEXT   COLLATE "C",
    -- In CIDR notation, joined by a space. Empty: from anywhere.
    networks     TEXT   COLLATE "C" NOT NULL,
    scheme       TEXT   COLLATE "C" NOT NULL,
    digest       BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT,
    rotated_to   TEXT   COLLATE "C",
    -- The digest first: almost all keys are of one scheme.
    CONSTRAINT api_keys_digest UNIQUE (digest, scheme)
);

-- A user's keys, newest first; and those that go when the user goes.
CREATE INDEX api_keys_of_user ON remint.api_keys (user_id, created_at, id);
-- Keys of schemes that cannot be looked up by digest.
CREATE INDEX api_keys_by_start ON remint.api_keys (start);

-- Idempotency keys: what was asked for, and the id of what was made.
CREATE TABLE remint.once (
    key      BYTEA  PRIMARY KEY,
    request  BYTEA  NOT NULL,
    resource TEXT   COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL
);

CREATE INDEX once_by_age ON remint.once (at);

-- An empty text is none: no tenant and no key has it for an id. It names users and keys that may
-- be gone.
CREATE TABLE remint.usage (
    day         BIGINT NOT NULL,
    subject     TEXT   COLLATE "C" NOT NULL,
    tenant      TEXT   COLLATE "C" NOT NULL,
    api_key     TEXT   COLLATE "C" NOT NULL,
    environment TEXT   COLLATE "C" NOT NULL CHECK (environment IN ('live', 'test')),
    requests    BIGINT NOT NULL CHECK (requests >= 0),
    units       BIGINT NOT NULL CHECK (units >= 0),
    PRIMARY KEY (day, subject, tenant, api_key, environment)
);

CREATE INDEX usage_of_subject ON remint.usage (subject, day, tenant, api_key, environment);
CREATE INDEX usage_of_tenant ON remint.usage (tenant, day, subject, api_key, environment);

-- Which batches of usage were added.
CREATE TABLE remint.usage_batches (
    id BYTEA  PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX usage_batches_by_age ON remint.usage_batches (at);

-- It names users and keys that may be gone. JSON is kept as it was written.
CREATE TABLE remint.audit (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    action  TEXT   COLLATE "C" NOT NULL,
    actor   JSON   NOT NULL,
    user_id TEXT   COLLATE "C",
    tenant  TEXT   COLLATE "C",
    api_key TEXT   COLLATE "C",
    detail  JSON   NOT NULL
);

CREATE FUNCTION remint.audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail only grows';
END
$$;

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON remint.audit
FOR EACH STATEMENT EXECUTE FUNCTION remint.audit_only_grows();
