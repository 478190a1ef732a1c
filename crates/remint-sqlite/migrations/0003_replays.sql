-- What may be used once and was: a digest, and the moment at which the use need not be remembered
-- any more.
CREATE TABLE replays (
    key   BLOB    NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX replays_by_end ON replays (until);

PRAGMA user_version = 3;
