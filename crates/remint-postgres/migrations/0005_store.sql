-- One row: which store this is, and what its data depends on (an object; there is no secret in it).
CREATE TABLE remint.store (
    one        BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
    id         TEXT    COLLATE "C" NOT NULL,
    revision   BIGINT  NOT NULL CHECK (revision >= 0),
    depends_on JSON    NOT NULL
);

INSERT INTO remint.store (id, revision, depends_on)
VALUES ('store_' || replace(gen_random_uuid()::text, '-', ''), 0, '{}');

-- Which schemes the digests of live keys name.
CREATE INDEX api_keys_live ON remint.api_keys (scheme, coalesce(expires_at, 9223372036854775807))
WHERE revoked_at IS NULL;
