-- What made a key: an object, kept as it was written.
ALTER TABLE remint.api_keys ADD COLUMN made_by JSON NOT NULL DEFAULT '{"kind":"unknown"}';

-- Which key made which. It names keys that may be gone.
CREATE TABLE remint.key_descent (
    maker TEXT COLLATE "C" NOT NULL,
    key   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (maker, key)
);

-- Of the keys that are there, the audit trail tells who made them: the last event of a key's creation is
-- about the key that has the id now.
UPDATE remint.api_keys SET made_by = made.made_by FROM (
    SELECT event.api_key,
           CASE
               WHEN event.actor -> 'credential' ->> 'kind' = 'api_key' THEN event.actor -> 'credential'
               WHEN sign_up.at IS NOT NULL THEN '{"kind":"sign_up"}'::json
               WHEN event.actor ->> 'kind' = 'caller' THEN event.actor -> 'credential'
               WHEN event.actor ->> 'kind' IN ('bootstrap', 'operator', 'system')
                   THEN json_build_object('kind', event.actor ->> 'kind')
               ELSE '{"kind":"unknown"}'::json
           END AS made_by
    FROM (
        SELECT max(seq) AS seq FROM remint.audit
        WHERE action IN ('key.issued', 'key.rotated', 'key.imported') AND api_key IS NOT NULL GROUP BY api_key
    ) AS creation
    JOIN remint.audit AS event ON event.seq = creation.seq
    LEFT JOIN (SELECT DISTINCT user_id, at FROM remint.audit WHERE action = 'user.created') AS sign_up
        ON sign_up.user_id = event.user_id AND sign_up.at = event.at AND event.action = 'key.issued'
) AS made
WHERE made.api_key = api_keys.id;

-- Of keys that are gone too: what they made may be there still.
INSERT INTO remint.key_descent (maker, key)
SELECT DISTINCT actor -> 'credential' ->> 'id', api_key FROM remint.audit
WHERE action IN ('key.issued', 'key.rotated', 'key.imported') AND api_key IS NOT NULL
    AND actor -> 'credential' ->> 'kind' = 'api_key';
