-- name: read_unsent
SELECT status, touch_id, person_id, debt_id, play, purpose, wording, channels, priority, patience, fallback, creditor,
       portfolio, role, planned_for, due_at, expires_at, details::text AS details, occasion, in_reply_to
  FROM touches
 WHERE person_id = ANY(:people::text[]) AND status IN ('planned', 'waiting', 'sending');

-- name: read_done
SELECT person_id, debt_id, play, occasion, status, channel, changed_at AS at
  FROM touches
 WHERE person_id = ANY(:people::text[]) AND play = ANY(:plays::text[])
   AND status NOT IN ('planned', 'waiting', 'sending', 'cancelled');

-- name: list_repetitions
SELECT touch_id, status IN ('cancelled', 'expired', 'suppressed', 'refused') AS is_given_up
  FROM touches
 WHERE person_id = :person AND play = :play AND starts_with(occasion, :beginning)
 ORDER BY occasion;

-- name: plan_touches
-- A touch that the plan had given up may be wanted again; whatever left, or was stopped by a person, stays.
-- The rows come as one JSON array: seventeen arrays would cost the caller more than the reading costs here.
INSERT INTO touches AS old (touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, patience,
                     fallback, creditor, portfolio, role, in_reply_to, details, planned_for, due_at,
                     expires_at, status, changed_at)
SELECT touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, patience, fallback, creditor,
       portfolio, role, in_reply_to, details, due_at, due_at, expires_at, 'planned', :now::timestamptz
  FROM json_to_recordset(:wanted::json)
       AS wanted (touch_id uuid, person_id text, debt_id text, play text, occasion text, purpose text, wording text,
                  channels text[], priority smallint, patience interval, fallback interval, creditor text,
                  portfolio text, role text, in_reply_to timestamptz, details json, due_at timestamptz,
                  expires_at timestamptz)
    ON CONFLICT (touch_id) DO UPDATE
   SET status = 'planned', reason = NULL, until = NULL, purpose = excluded.purpose, wording = excluded.wording,
       channels = excluded.channels, priority = excluded.priority, patience = excluded.patience,
       fallback = excluded.fallback, creditor = excluded.creditor, portfolio = excluded.portfolio, role = excluded.role,
       details = excluded.details, planned_for = excluded.planned_for, due_at = excluded.due_at,
       expires_at = excluded.expires_at, changed_at = excluded.changed_at
 WHERE old.status = 'cancelled' AND old.reason = 'no_longer_wanted'
RETURNING touch_id;

-- name: move_touches!
-- All that the plan says of a touch, as it says it now.
UPDATE touches
   SET purpose = moved.purpose, wording = moved.wording, channels = moved.channels, priority = moved.priority,
       patience = moved.patience, fallback = moved.fallback, creditor = moved.creditor, portfolio = moved.portfolio,
       role = moved.role, details = moved.details, planned_for = moved.due_at, due_at = moved.due_at,
       expires_at = moved.expires_at, status = 'planned', reason = NULL, until = NULL, changed_at = :now
  FROM json_to_recordset(:moved::json)
       AS moved (touch_id uuid, purpose text, wording text, channels text[], priority smallint, patience interval,
                 fallback interval, creditor text, portfolio text, role text, details json, due_at timestamptz,
                 expires_at timestamptz)
 WHERE touches.touch_id = moved.touch_id AND touches.status IN ('planned', 'waiting');

-- name: cancel_touches
UPDATE touches SET status = 'cancelled', reason = :reason, until = NULL, changed_at = :now
 WHERE touch_id = ANY(:ids::uuid[]) AND status IN ('planned', 'waiting')
RETURNING touch_id, person_id;

-- name: reconsider_touches!
-- A fact changed: what was put off or waits is decided again, never before the plan wants it.
-- Reason and until stay, so that the same answer is not announced twice. It counts for other ids of theirs too. Who has
-- more than can be decided at once has it decided in waves, the most important first: others must not wait for it.
UPDATE touches
   SET status = 'planned',
       due_at = greatest(planned_for, least(touches.due_at, :now::timestamptz + ranked.wave * :pause::interval))
  FROM (SELECT touch_id,
               (row_number() OVER (PARTITION BY person_id ORDER BY priority, planned_for, touch_id) - 1)
               / :at_once::bigint AS wave
          FROM touches
         WHERE person_id = ANY (ARRAY(SELECT unnest(:people::text[])
                                       UNION
                                      SELECT other FROM other_ids WHERE person_id = ANY(:people::text[])))
           AND (status = 'waiting'
                OR (status = 'planned' AND (until IS NOT NULL OR reason = 'gives_way') AND due_at > :now))) AS ranked
 WHERE touches.touch_id = ranked.touch_id;

-- name: reconsider_older_policies!
-- What another version put off is decided again; spread, so that a new version causes no burst.
UPDATE touches
   SET status = 'planned', reason = NULL, until = NULL,
       due_at = greatest(planned_for, :now::timestamptz + random() * :spread::interval)
 WHERE policy IS DISTINCT FROM :policy AND (status = 'waiting' OR (status = 'planned' AND until IS NOT NULL));

-- name: read_due_touches
-- Second statement, on purpose: its snapshot is younger than the locks. Of what is due, and of what is not yet, the
-- most important of each person: enough for caps and for what gives way, whatever one person owes.
SELECT touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, patience, fallback,
       creditor, portfolio, role, in_reply_to, details::text AS details, planned_for, due_at, expires_at,
       status, reason, until, tries
  FROM (SELECT *, row_number() OVER (PARTITION BY person_id, due_at <= :now
                                     ORDER BY priority, due_at, touch_id) AS place
          FROM touches
         WHERE person_id = ANY(:people::text[]) AND status IN ('planned', 'waiting') AND due_at <= :soon) AS theirs
 WHERE place <= :at_once
 ORDER BY person_id, priority, due_at, touch_id;

-- name: let_wait!
-- What these people have due beyond what was decided at once waits for its wave, so that others are claimed meanwhile.
UPDATE touches SET due_at = :now::timestamptz + ranked.wave * :pause::interval
  FROM (SELECT touch_id,
               (row_number() OVER (PARTITION BY person_id ORDER BY priority, due_at, touch_id) - 1)
               / :at_once::bigint AS wave
          FROM touches
         WHERE person_id = ANY(:people::text[]) AND status IN ('planned', 'waiting') AND due_at <= :now) AS ranked
 WHERE touches.touch_id = ranked.touch_id AND ranked.wave > 0;

-- name: find_touch^
SELECT touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, patience, fallback,
       creditor, portfolio, role, in_reply_to, details::text AS details, planned_for, due_at, expires_at,
       status, reason, until, tries
  FROM touches WHERE touch_id = :touch_id;

-- name: list_touches_of
-- Both indexes of a person's touches hold a part of them.
WITH theirs AS (
    SELECT * FROM touches WHERE person_id = :person_id AND status IN ('planned', 'waiting', 'sending')
     UNION ALL
    SELECT * FROM touches WHERE person_id = :person_id AND status NOT IN ('planned', 'waiting', 'sending')
)
SELECT touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, patience, fallback,
       creditor, portfolio, role, in_reply_to, details::text AS details, planned_for, due_at, expires_at,
       status, reason, until, tries
  FROM theirs ORDER BY planned_for, touch_id;

-- name: defer_touches!
UPDATE touches
   SET status = 'planned', due_at = deferred.due_at, reason = deferred.reason, until = deferred.until,
       policy = deferred.policy, changed_at = :now
  FROM unnest(:ids::uuid[], :dues::timestamptz[], :reasons::text[], :untils::timestamptz[], :policies::text[])
       AS deferred (touch_id, due_at, reason, until, policy)
 WHERE touches.touch_id = deferred.touch_id;

-- name: park_touches!
-- Waiting for a fact; looked at again at due_at, for some facts end without an event.
UPDATE touches
   SET status = 'waiting', due_at = parked.due_at, reason = parked.reason, until = NULL, policy = parked.policy,
       changed_at = :now
  FROM unnest(:ids::uuid[], :dues::timestamptz[], :reasons::text[], :policies::text[])
       AS parked (touch_id, due_at, reason, policy)
 WHERE touches.touch_id = parked.touch_id;

-- name: close_touches!
UPDATE touches
   SET status = closed.status, reason = closed.reason, until = NULL, policy = :policy, changed_at = :now
  FROM unnest(:ids::uuid[], :statuses::text[], :reasons::text[]) AS closed (touch_id, status, reason)
 WHERE touches.touch_id = closed.touch_id;

-- name: begin_sending!
UPDATE touches
   SET status = 'sending', attempt_id = begun.attempt_id, channel = begun.channel, policy = :policy,
       reason = NULL, until = NULL, tries = tries + 1, changed_at = :now
  FROM unnest(:ids::uuid[], :attempts::uuid[], :channels::text[]) AS begun (touch_id, attempt_id, channel)
 WHERE touches.touch_id = begun.touch_id;

-- name: return_touches
-- Back to the plan: what was reserved for them is released by the caller. Past its time it expires at the next claim.
UPDATE touches
   SET status = 'planned', attempt_id = NULL, due_at = returned.due_at, reason = returned.reason, until = NULL,
       changed_at = :now
  FROM unnest(:attempts::uuid[], :dues::timestamptz[], :reasons::text[]) AS returned (attempt_id, due_at, reason)
  JOIN attempts USING (attempt_id)
  CROSS JOIN unnest(attempts.touch_id || attempts.others) AS sent (touch_id)
 WHERE touches.touch_id = sent.touch_id AND touches.attempt_id = returned.attempt_id
   AND touches.status IN ('sending', 'accepted', 'unknown', 'undelivered')
RETURNING touches.touch_id, touches.person_id, touches.attempt_id;

-- name: advance_touches
-- By rank and only upwards, so that a receipt that overtook the answer is not undone by it.
-- Touches are found by their own id: an index of attempts would be written anew with every change of status.
UPDATE touches SET status = advanced.status, reason = coalesce(advanced.reason, touches.reason), changed_at = :now
  FROM unnest(:attempts::uuid[], :statuses::text[], :reasons::text[]) AS advanced (attempt_id, status, reason)
  JOIN attempts USING (attempt_id)
  CROSS JOIN unnest(attempts.touch_id || attempts.others) AS sent (touch_id)
 WHERE touches.touch_id = sent.touch_id AND touches.attempt_id = advanced.attempt_id
   AND array_position(ARRAY['sending', 'unknown', 'accepted', 'undelivered', 'delivered'], touches.status)
     < coalesce(array_position(ARRAY['sending', 'unknown', 'accepted', 'undelivered', 'delivered'], advanced.status), 9)
RETURNING touches.touch_id, touches.person_id, touches.attempt_id, touches.debt_id, touches.play, touches.purpose,
          touches.channel, touches.status, touches.reason, touches.policy, touches.occasion, touches.wording,
          touches.creditor, touches.role, touches.in_reply_to, attempts.address_digest;

-- name: find_next_due$
SELECT min(due_at) FROM touches WHERE status IN ('planned', 'waiting');

-- name: wake_dispatch!
SELECT pg_notify('touches', '');

-- name: list_dry_runs
-- What was permitted, and kept from going out by a dry run alone, with the channel that was chosen.
SELECT touch_id, person_id, debt_id, creditor, portfolio, play, wording, changed_at AS at,
       (SELECT channel FROM decisions WHERE decisions.touch_id = touches.touch_id AND decision = 'send'
         ORDER BY decided_at DESC LIMIT 1) AS channel
  FROM touches
 WHERE status = 'cancelled' AND reason = :reason AND changed_at >= :since
   AND (:play::text IS NULL OR play = :play)
 ORDER BY changed_at, touch_id;

-- name: remember_touches
-- What became of touches, as it was published. What this database knows itself counts more: that a provider had the
-- attempt, and gave it back, is never published.
INSERT INTO touches AS known (touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority,
                              patience, creditor, role, in_reply_to, details, planned_for, due_at, expires_at, status,
                              reason, channel, attempt_id, tries, policy, changed_at)
SELECT touch_id, person_id, debt_id, play, occasion, purpose, wording, channels, priority, interval '0', creditor, role,
       in_reply_to, '{}', at, at, at + interval '1 day', status, reason, channel, attempt_id, 1, policy, at
  FROM json_to_recordset(:told::json)
       AS told (touch_id uuid, person_id text, debt_id text, play text, occasion text, purpose text, wording text,
                channels text[], priority smallint, creditor text, role text, in_reply_to timestamptz, at timestamptz,
                status text, reason text, channel text, attempt_id uuid, policy text)
 ORDER BY touch_id
    ON CONFLICT (touch_id) DO UPDATE
   SET status = excluded.status, reason = excluded.reason, until = NULL, channel = excluded.channel,
       attempt_id = excluded.attempt_id, policy = excluded.policy, changed_at = excluded.changed_at
 WHERE CASE WHEN known.attempt_id = excluded.attempt_id
            THEN array_position(ARRAY['planned', 'waiting', 'sending', 'unknown', 'accepted', 'undelivered', 'delivered'],
                                known.status)
               < coalesce(array_position(ARRAY['planned', 'waiting', 'sending', 'unknown', 'accepted', 'undelivered',
                                               'delivered'], excluded.status), 9)
            ELSE known.status IN ('planned', 'waiting', 'sending', 'cancelled') AND known.status <> excluded.status
             AND NOT EXISTS (SELECT FROM attempts
                              WHERE attempts.attempt_id = excluded.attempt_id AND attempts.outcome = 'accepted')
       END
RETURNING touch_id, person_id;
