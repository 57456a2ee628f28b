-- name: write_attempts!
INSERT INTO attempts (attempt_id, touch_id, person_id, person_revision, policy, channel, provider, address,
                      address_digest, message, wordings, others, decided_at, valid_until, leased_until)
SELECT attempt_id, touch_id, person_id, person_revision, :policy, channel, provider, address, digest, message::json,
       :wordings, string_to_array(others, ',')::uuid[], :now::timestamptz, valid_until, :leased_until::timestamptz
  FROM unnest(:ids::uuid[], :touches::uuid[], :people::text[], :revisions::bigint[], :channels::text[],
              :providers::text[], :addresses::text[], :digests::text[], :messages::text[], :others::text[],
              :valid::timestamptz[])
       AS begun (attempt_id, touch_id, person_id, person_revision, channel, provider, address, digest, message, others,
                 valid_until);

-- name: lock_people_of_attempts
-- Waits for whoever is writing to these people: a stop that was first is seen by the next statement.
SELECT person_id FROM people
 WHERE person_id IN (SELECT person_id FROM attempts WHERE attempt_id = ANY(:ids::uuid[]))
 ORDER BY person_id
   FOR SHARE;

-- name: open_gate
-- The last word before the call. Whatever moved since the decision keeps the gate shut.
UPDATE attempts SET called_at = :now
  FROM people, config_in_force
 WHERE attempts.attempt_id = ANY(:ids::uuid[])
   AND attempts.called_at IS NULL AND attempts.settled_at IS NULL
   AND attempts.leased_until > :now::timestamptz + :longest_call::interval
   AND attempts.valid_until > :now::timestamptz + :margin::interval
   AND people.person_id = attempts.person_id AND people.revision = attempts.person_revision
   AND config_in_force.policy = attempts.policy
   -- Once its rest is over, whoever tries a provider is named.
   AND (:trying OR NOT EXISTS (SELECT FROM breakers
                                WHERE breakers.provider = attempts.provider AND breakers.open_till IS NOT NULL))
   AND NOT EXISTS (SELECT FROM pauses JOIN touches ON touches.touch_id = attempts.touch_id
                    WHERE pauses.resumed_at IS NULL
                      AND (pauses.creditor IS NULL OR pauses.creditor = touches.creditor)
                      AND (pauses.play IS NULL OR pauses.play = touches.play)
                      AND (pauses.channel IS NULL OR pauses.channel = attempts.channel))
   -- Whoever got the number a moment ago may not have been found by the stop that it sent.
   AND NOT EXISTS (SELECT FROM suppressions
                    WHERE suppressions.address = attempts.address AND suppressions.lifted_at IS NULL
                      AND suppressions.mistaken_at IS NULL
                      AND (suppressions.channel IS NULL OR suppressions.channel = attempts.channel)
                      AND suppressions.heard_at > attempts.decided_at)
   -- What somebody wrote and what is not bound yet may be a stop: until it is, nothing goes to them.
   AND NOT EXISTS (SELECT FROM waiting_replies WHERE waiting_replies.address = attempts.address)
   AND NOT EXISTS (SELECT FROM waiting_replies JOIN addresses ON addresses.address = waiting_replies.address
                    WHERE addresses.person_id = attempts.person_id)
   AND NOT EXISTS (SELECT FROM waiting_unsubscribes AS waiting
                    WHERE attempts.channel = 'email'
                      AND (waiting.address = attempts.address OR waiting.person_id = attempts.person_id))
RETURNING attempts.attempt_id;

-- name: settle_attempts
-- A receipt may have come first, and recovery may have settled it: the first settlement stands.
UPDATE attempts
   SET settled_at = :now, outcome = settled.outcome, code = settled.code,
       provider_message_id = coalesce(settled.message_id, attempts.provider_message_id)
  FROM unnest(:ids::uuid[], :outcomes::text[], :codes::text[], :message_ids::text[])
       AS settled (attempt_id, outcome, code, message_id)
 WHERE attempts.attempt_id = settled.attempt_id
   AND (attempts.settled_at IS NULL OR (attempts.outcome = 'unknown' AND settled.outcome <> 'unknown'))
RETURNING attempts.attempt_id, attempts.person_id, attempts.address, attempts.channel, attempts.receipt;

-- name: list_lapsed_attempts
SELECT attempt_id, person_id, called_at FROM attempts
 WHERE settled_at IS NULL AND leased_until <= :now
 ORDER BY leased_until LIMIT :limit;

-- name: read_unsettled
SELECT attempt_id, person_id, called_at FROM attempts
 WHERE attempt_id = ANY(:ids::uuid[]) AND settled_at IS NULL;

-- name: find_attempts_by_message
SELECT DISTINCT ON (provider_message_id) provider_message_id, attempt_id
  FROM attempts WHERE provider_message_id = ANY(:message_ids::text[])
 ORDER BY provider_message_id, decided_at;

-- name: read_attempts
SELECT attempt_id, touch_id, others, person_id, address, channel, outcome, called_at, settled_at, receipt, decided_at, code,
       message::text AS message, (SELECT tries FROM touches WHERE touches.touch_id = attempts.touch_id) AS tries
  FROM attempts WHERE attempt_id = ANY(:ids::uuid[]);

-- name: list_attempts_of
SELECT attempt_id, touch_id, others, person_id, address, channel, outcome, called_at, settled_at, receipt, decided_at, code,
       message::text AS message, (SELECT tries FROM touches WHERE touches.touch_id = attempts.touch_id) AS tries
  FROM attempts WHERE person_id = :person_id ORDER BY decided_at;

-- name: list_past_messages
-- What went to these people, or may have, the newest first.
SELECT attempts.attempt_id, attempts.person_id, attempts.address, attempts.channel, attempts.called_at AS at,
       touches.play, touches.wording, touches.purpose, attempts.message::text AS message
  FROM attempts JOIN touches USING (touch_id)
 WHERE attempts.person_id = ANY(:people::text[]) AND attempts.called_at IS NOT NULL
   -- What was erased says nothing any more.
   AND attempts.message::text <> '{}'
   AND (attempts.outcome IS NULL OR attempts.outcome IN ('accepted', 'unknown'))
 ORDER BY attempts.called_at DESC, attempts.attempt_id DESC
 LIMIT :limit;

-- name: note_receipts!
UPDATE attempts
   SET receipt = noted.receipt, receipt_at = noted.at,
       provider_message_id = coalesce(attempts.provider_message_id, noted.message_id)
  FROM unnest(:ids::uuid[], :receipts::text[], :ats::timestamptz[], :message_ids::text[])
       AS noted (attempt_id, receipt, at, message_id)
 WHERE attempts.attempt_id = noted.attempt_id;

-- name: count_stale_unknown$
SELECT count(*) FROM attempts
 WHERE outcome = 'unknown' AND receipt IS NULL AND settled_at < :before;
