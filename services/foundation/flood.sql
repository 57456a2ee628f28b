-- name: note_flood!
INSERT INTO floods (consumer_group, topic, stopped_at) VALUES (:group, :topic, :now)
    ON CONFLICT DO NOTHING;

-- name: list_open_floods
SELECT consumer_group, topic, stopped_at FROM floods WHERE resumed_at IS NULL;

-- name: end_floods
UPDATE floods SET resumed_at = :now, resumed_by = :by
 WHERE resumed_at IS NULL AND (:topic::text IS NULL OR topic = :topic::text)
RETURNING topic;
