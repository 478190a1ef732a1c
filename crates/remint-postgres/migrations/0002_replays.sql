-- What may be used once and was: a digest, and the moment at which the use need not be remembered
-- any more.
CREATE TABLE remint.replays (
    key   BYTEA  PRIMARY KEY,
    until BIGINT NOT NULL
);

CREATE INDEX replays_by_end ON remint.replays (until);
