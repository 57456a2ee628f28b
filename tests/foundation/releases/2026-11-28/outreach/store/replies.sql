-- name: accept_webhook_events
INSERT INTO webhook_events (provider, event_id, at)
SELECT :provider, event_id, :now::timestamptz FROM unnest(:ids::text[]) AS event_id ORDER BY event_id
    ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: keep_reply$
INSERT INTO replies (reply_id, person_id, channel, address, text, understood, needs_human, received_at)
VALUES (:reply_id, :person_id, :channel, :address, :text, :understood, :needs_human, :received_at)
    ON CONFLICT (reply_id) DO NOTHING
RETURNING reply_id;

-- name: wait_for_binding$
-- Takes nobody's lock. What is bound already does not wait again.
INSERT INTO waiting_replies (reply_id, channel, address, text, received_at, confirmed_by_vendor, stopped_at_vendor,
                             started_at_vendor)
SELECT :reply_id, :channel, :address, :text, :received_at::timestamptz, :confirmed_by_vendor, :stopped_at_vendor,
       :started_at_vendor
 WHERE NOT EXISTS (SELECT FROM replies WHERE reply_id = :reply_id)
    ON CONFLICT (reply_id) DO NOTHING
RETURNING reply_id;

-- name: end_waiting!
DELETE FROM waiting_replies WHERE reply_id = :reply_id;

-- name: list_waiting
SELECT reply_id, channel, address, text, received_at, confirmed_by_vendor, stopped_at_vendor, started_at_vendor
  FROM waiting_replies ORDER BY received_at, reply_id LIMIT :limit;

-- name: list_replies_of
SELECT reply_id, channel, text, understood, needs_human, received_at, answered_at
  FROM replies WHERE person_id = :person_id ORDER BY received_at;

-- name: forget_webhook_events!
DELETE FROM webhook_events WHERE at < :before;
