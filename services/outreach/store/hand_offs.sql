-- name: record_hand_offs!
INSERT INTO hand_offs (reply_id, person_id, urgency, since, answer_by)
SELECT * FROM unnest(:replies::text[], :people::text[], :urgencies::text[], :sinces::timestamptz[], :deadlines::timestamptz[])
    ON CONFLICT DO NOTHING;

-- name: list_waiting
-- Replies that wait for a human, the most urgent first, then by age.
SELECT hand_offs.reply_id, hand_offs.person_id, hand_offs.urgency, hand_offs.since, hand_offs.answer_by,
       replies.channel, replies.address, replies.text, replies.kinds, replies.closes, replies.pictures,
       replies.attachments, replies.is_proven, replies.received_at, replies.answered_at
  FROM hand_offs JOIN replies USING (reply_id)
 WHERE hand_offs.done_at IS NULL
   AND (:person::text IS NULL OR hand_offs.person_id = :person OR hand_offs.reply_id = :person)
   AND (:urgency::text IS NULL OR hand_offs.urgency = :urgency)
 ORDER BY array_position(ARRAY['crisis', 'same_day', 'normal'], hand_offs.urgency), hand_offs.since, hand_offs.reply_id;

-- name: list_hand_offs_of
SELECT reply_id, urgency, since, answer_by, done_at, done_by, decided, why
  FROM hand_offs WHERE person_id = :person_id ORDER BY since, reply_id;

-- name: list_waits
-- Whoever waits does, though what they wrote may be lost, as after a restore.
SELECT hand_offs.person_id, reply_id, hand_offs.urgency, coalesce(replies.kinds, '{}') AS kinds, hand_offs.since,
       coalesce(replies.is_proven, true) AS is_proven, replies.answered_at IS NOT NULL AS is_answered
  FROM hand_offs LEFT JOIN replies USING (reply_id)
 WHERE hand_offs.done_at IS NULL AND hand_offs.person_id = ANY(:people::text[])
 ORDER BY hand_offs.since, reply_id;

-- name: end_hand_offs
UPDATE hand_offs SET done_at = :now, done_by = :by, decided = :decided, why = :why
 WHERE done_at IS NULL AND (person_id = :person OR (person_id IS NULL AND reply_id = :person))
RETURNING reply_id;

-- name: end_lifted!
-- Whoever lifts the hold of a reply has dealt with it, in whatever system they did.
UPDATE hand_offs SET done_at = :now, done_by = :by, decided = 'none'
  FROM unnest(:replies::text[], :people::text[]) AS lifted (reply_id, person_id)
 WHERE hand_offs.done_at IS NULL
   AND hand_offs.reply_id = lifted.reply_id AND hand_offs.person_id = lifted.person_id;

-- name: count_waiting
SELECT urgency, count(*) AS waiting, min(since) AS oldest FROM hand_offs WHERE done_at IS NULL GROUP BY urgency;

-- name: claim_pages
-- A crisis that nobody on duty was told of. Of two replicas one tells, until its time for it is over.
UPDATE hand_offs SET paging_until = :until
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM hand_offs
                          WHERE done_at IS NULL AND urgency = 'crisis' AND paged_at IS NULL
                            AND (paging_until IS NULL OR paging_until <= :now)
                          ORDER BY since, reply_id
                          LIMIT :limit
                            FOR UPDATE SKIP LOCKED))
RETURNING reply_id, person_id, since, answer_by;

-- name: note_paged!
UPDATE hand_offs SET paged_at = :now WHERE reply_id = ANY(:replies::text[]) AND paged_at IS NULL;
