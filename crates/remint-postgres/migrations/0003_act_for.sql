-- For whom a key may act: an object, kept as it was written. Absent: for nobody but its user.
ALTER TABLE remint.api_keys ADD COLUMN act_for JSON;
