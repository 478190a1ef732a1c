-- One row: the log of revocations. Its id is another one once its history was rewritten.
CREATE TABLE remint.revocation_log (
    one           BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
    id            TEXT    COLLATE "C" NOT NULL,
    head          BIGINT  NOT NULL CHECK (head >= 0),
    head_row      BIGINT  NOT NULL,
    -- The smallest position from which on every row is there.
    complete_from BIGINT  NOT NULL
);

INSERT INTO remint.revocation_log (id, head, head_row, complete_from)
VALUES ('log_' || replace(gen_random_uuid()::text, '-', ''), 0, 0, 1);

CREATE TABLE remint.revocations (
    position  BIGINT  PRIMARY KEY,
    -- Random: another one at the same position is another history.
    row_id    BIGINT  NOT NULL,
    -- As JSON.
    target    TEXT    COLLATE "C" NOT NULL,
    ended     BOOLEAN NOT NULL,
    at        BIGINT  NOT NULL,
    -- Whether `at` is the source's own time.
    by_source BOOLEAN NOT NULL,
    user_id   TEXT    COLLATE "C",
    -- Whether it is kept as long as the tokens of issuers outside live.
    lasting   BOOLEAN NOT NULL,
    logged_at BIGINT  NOT NULL
);

CREATE INDEX revocations_age ON remint.revocations (lasting, logged_at);

-- A target may be longer than an index takes.
CREATE INDEX revocations_ended ON remint.revocations (md5(target), position) WHERE ended;
