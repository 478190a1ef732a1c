-- What made a key: a JSON object.
ALTER TABLE api_keys ADD COLUMN made_by TEXT NOT NULL DEFAULT '{"kind":"unknown"}';

-- Which key made which. It names keys that may be gone.
CREATE TABLE key_descent (
    maker TEXT NOT NULL,
    key   TEXT NOT NULL,
    PRIMARY KEY (maker, key)
) STRICT, WITHOUT ROWID;

-- Of the keys that are there, the audit trail tells who made them: the last event of a key's creation is
-- about the key that has the id now.
UPDATE api_keys SET made_by = made.made_by FROM (
    SELECT event.api_key,
           CASE
               WHEN json_extract(event.actor, '$.credential.kind') = 'api_key'
                   THEN json_extract(event.actor, '$.credential')
               WHEN sign_up.at IS NOT NULL THEN '{"kind":"sign_up"}'
               WHEN json_extract(event.actor, '$.kind') = 'caller' THEN json_extract(event.actor, '$.credential')
               WHEN json_extract(event.actor, '$.kind') IN ('bootstrap', 'operator', 'system')
                   THEN json_object('kind', json_extract(event.actor, '$.kind'))
               ELSE '{"kind":"unknown"}'
           END AS made_by
    FROM (
        SELECT max(seq) AS seq FROM audit
        WHERE action IN ('key.issued', 'key.rotated', 'key.imported') AND api_key IS NOT NULL GROUP BY api_key
    ) AS creation
    JOIN audit AS event ON event.seq = creation.seq
    LEFT JOIN (SELECT DISTINCT user_id, at FROM audit WHERE action = 'user.created') AS sign_up
        ON sign_up.user_id = event.user_id AND sign_up.at = event.at AND event.action = 'key.issued'
) AS made
WHERE made.api_key = api_keys.id;

-- Of keys that are gone too: what they made may be there still.
INSERT OR IGNORE INTO key_descent (maker, key)
SELECT json_extract(actor, '$.credential.id'), api_key FROM audit
WHERE action IN ('key.issued', 'key.rotated', 'key.imported') AND api_key IS NOT NULL
    AND json_extract(actor, '$.credential.kind') = 'api_key';

PRAGMA user_version = 5;
