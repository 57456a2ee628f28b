-- name: list_messages_sent
-- What went out or may have, with what it was planned for.
SELECT attempts.attempt_id, attempts.person_id, attempts.channel, attempts.called_at AS at,
       touches.debt_id, touches.play, touches.wording, touches.purpose, attempts.provider_message_id
  FROM attempts JOIN touches ON touches.touch_id = ANY (attempts.touch_id || attempts.others)
 WHERE attempts.called_at IS NOT NULL
 ORDER BY attempts.called_at, attempts.attempt_id;

-- name: list_replies_heard
SELECT reply_id, person_id, address, kinds, urgency, needs_human, received_at FROM replies
 ORDER BY received_at, reply_id;

-- name: list_what_replies_closed
-- On the channels that a story can name.
SELECT DISTINCT split_part(suppression_id, ':', 1) AS reply_id, channel
  FROM suppressions
 WHERE origin IN ('reply', 'safety') AND kind IN ('opted_out', 'wrong_party', 'unsafe')
   AND channel IS DISTINCT FROM 'post';

-- name: list_records_kept_aside
SELECT reason, convert_from(value, 'UTF8') AS value FROM quarantine ORDER BY id;
