-- One row: the log of revocations. Its id is another one once its history was rewritten.
CREATE TABLE revocation_log (
    one           INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    id            TEXT    NOT NULL,
    head          INTEGER NOT NULL CHECK (head >= 0),
    head_row      INTEGER NOT NULL,
    -- The smallest position from which on every row is there.
    complete_from INTEGER NOT NULL
) STRICT;

INSERT INTO revocation_log (one, id, head, head_row, complete_from)
VALUES (1, 'log_' || lower(hex(randomblob(16))), 0, 0, 1);

CREATE TABLE revocations (
    position  INTEGER NOT NULL PRIMARY KEY,
    -- Random: another one at the same position is another history.
    row_id    INTEGER NOT NULL,
    -- As JSON.
    target    TEXT    NOT NULL,
    ended     INTEGER NOT NULL CHECK (ended IN (0, 1)),
    at        INTEGER NOT NULL,
    -- Whether `at` is the source's own time.
    by_source INTEGER NOT NULL CHECK (by_source IN (0, 1)),
    user_id   TEXT,
    -- Whether it is kept as long as the tokens of issuers outside live.
    lasting   INTEGER NOT NULL CHECK (lasting IN (0, 1)),
    logged_at INTEGER NOT NULL
) STRICT;

CREATE INDEX revocations_age ON revocations (lasting, logged_at);

CREATE INDEX revocations_ended ON revocations (target, position) WHERE ended = 1;

PRAGMA user_version = 8;
