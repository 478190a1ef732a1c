-- A user's roles: a JSON array of texts.
ALTER TABLE users ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';

PRAGMA user_version = 7;
