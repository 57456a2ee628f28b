-- name: accept_webhook_events
INSERT INTO webhook_events (provider, event_id, at)
SELECT :provider, event_id, :now::timestamptz FROM unnest(:ids::text[]) AS event_id ORDER BY event_id
    ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: keep_reply$
INSERT INTO replies (reply_id, person_id, channel, address, text, understood, needs_human, received_at, kinds, urgency,
                     closes, pictures, attachments, is_proven, automatic)
VALUES (:reply_id, :person_id, :channel, :address, :text, :understood, :needs_human, :received_at, :kinds, :urgency,
        :closes, :pictures, :attachments, :is_proven, :automatic)
    ON CONFLICT (reply_id) DO NOTHING
RETURNING reply_id;

-- name: wait_for_binding$
-- Takes nobody's lock. What is bound already does not wait again.
INSERT INTO waiting_replies (reply_id, channel, address, text, received_at, confirmed_by_vendor, stopped_at_vendor,
                             started_at_vendor, person_id, is_proven, automatic, pictures, attachments, asked, wish)
SELECT :reply_id, :channel, :address, :text, :received_at::timestamptz, :confirmed_by_vendor, :stopped_at_vendor,
       :started_at_vendor, :person_id::text, :is_proven, :automatic::text, :pictures::text[], :attachments::text[],
       :asked::text[], :wish::text
 WHERE NOT EXISTS (SELECT FROM replies WHERE reply_id = :reply_id)
    ON CONFLICT (reply_id) DO NOTHING
RETURNING reply_id;

-- name: end_waiting!
DELETE FROM waiting_replies WHERE reply_id = ANY(:replies::text[]);

-- name: list_waiting
SELECT reply_id, channel, address, text, received_at, confirmed_by_vendor, stopped_at_vendor, started_at_vendor,
       person_id, is_proven, automatic, pictures, attachments, asked, wish
  FROM waiting_replies ORDER BY received_at, reply_id LIMIT :limit;

-- name: list_replies_of
SELECT reply_id, channel, text, understood, kinds, urgency, closes, needs_human, pictures, attachments, is_proven,
       automatic, received_at, answered_at
  FROM replies WHERE person_id = :person_id ORDER BY received_at;

-- name: is_kept$
SELECT EXISTS (SELECT FROM replies WHERE reply_id = :reply_id);

-- name: list_waiting_of
-- What a person has written that is not bound yet, from an address of theirs.
SELECT reply_id, channel, address, text, received_at FROM waiting_replies
 WHERE person_id = :person_id OR address IN (SELECT address FROM addresses WHERE person_id = :person_id)
 ORDER BY received_at, reply_id;

-- name: note_answered!
UPDATE replies SET answered_at = :now WHERE reply_id = :reply_id;

-- name: forget_webhook_events!
DELETE FROM webhook_events WHERE at < :before;

-- name: wait_to_unsubscribe!
-- Takes nobody's lock.
INSERT INTO waiting_unsubscribes (person_id, address, heard_at) VALUES (:person_id, :address, :now)
    ON CONFLICT DO NOTHING;

-- name: list_waiting_unsubscribes
SELECT person_id, address, heard_at FROM waiting_unsubscribes ORDER BY heard_at, person_id LIMIT :limit;

-- name: end_waiting_unsubscribe!
DELETE FROM waiting_unsubscribes WHERE person_id = :person_id AND address = :address;
