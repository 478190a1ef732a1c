-- For whom a key may act: a JSON object. Absent: for nobody but its user.
ALTER TABLE api_keys ADD COLUMN act_for TEXT;

PRAGMA user_version = 4;
