-- name: count_planned
SELECT play, count(*) AS touches FROM touches GROUP BY play ORDER BY count(*) DESC, play;

-- name: count_statuses
SELECT status, count(*) AS touches FROM touches GROUP BY status ORDER BY status;

-- name: count_sent
-- What a provider took, or may have taken.
SELECT channel, count(*) AS messages, count(DISTINCT person_id) AS people
  FROM attempts WHERE called_at IS NOT NULL AND outcome IN ('accepted', 'unknown') GROUP BY channel ORDER BY channel;

-- name: count_troubles
SELECT CASE WHEN receipt = 'undelivered' THEN 'undelivered' ELSE outcome END AS trouble, count(*) AS messages
  FROM attempts
 WHERE called_at IS NOT NULL AND (outcome <> 'accepted' OR receipt = 'undelivered') GROUP BY 1 ORDER BY 1;

-- name: count_reasons
-- For how many touches each reason was given, whatever became of them later.
SELECT decision, reason, count(DISTINCT touch_id) AS touches
  FROM decisions, unnest(reasons) AS reason
 WHERE decision = :decision GROUP BY decision, reason ORDER BY count(DISTINCT touch_id) DESC, reason;

-- name: count_standing
-- Why touches were closed, and what the others wait for.
SELECT status, reason, count(*) AS touches
  FROM touches WHERE status IN ('suppressed', 'waiting') GROUP BY status, reason
 ORDER BY status, count(*) DESC, reason;

-- name: list_cancelled
SELECT person_id, debt_id, changed_at FROM touches WHERE status = 'cancelled';

-- name: count_opt_outs
-- What a snapshot closes is the echo of a stop that was heard here already.
SELECT origin, count(*) AS opt_outs FROM suppressions WHERE kind = 'opted_out' AND origin <> 'snapshot'
 GROUP BY origin ORDER BY origin;

-- name: count_with_human
-- Who waits for a human still, by how soon one has to look.
SELECT urgency, count(DISTINCT person_id) AS people FROM hand_offs WHERE done_at IS NULL GROUP BY urgency
 ORDER BY array_position(ARRAY['crisis', 'same_day', 'normal'], urgency);

-- name: count_answers
-- How people answered; what their mail programs wrote is no answer of theirs.
SELECT CASE WHEN automatic IS NULL THEN channel ELSE automatic END AS way, count(*) AS replies
  FROM replies GROUP BY 1 ORDER BY count(*) DESC, 1;

-- name: count_heard
SELECT kind, count(*) AS replies FROM replies, unnest(kinds) AS kind WHERE automatic IS NULL
 GROUP BY kind ORDER BY count(*) DESC, kind;

-- name: count_decisions$
SELECT count(*) FROM decisions;

-- name: count_kept_aside$
SELECT count(*) FROM quarantine;

-- name: list_messages
SELECT attempts.called_at AS at, attempts.channel, attempts.outcome, attempts.code, attempts.receipt,
       attempts.message::text AS message, contacts.key, contacts.purpose
  FROM attempts JOIN contacts USING (attempt_id)
 WHERE attempts.person_id = :person_id AND attempts.called_at IS NOT NULL ORDER BY attempts.called_at;

-- name: list_waits
-- The first time each touch was put off or stopped, for each set of reasons.
SELECT DISTINCT ON (decisions.touch_id, decisions.reasons)
       decisions.decided_at AS at, decisions.decision, decisions.reasons, decisions.until, decisions.situation,
       touches.play, touches.purpose, touches.occasion LIKE '%~%' AS again
  FROM decisions JOIN touches USING (touch_id)
 WHERE decisions.person_id = :person_id AND decisions.decision <> 'send'
 ORDER BY decisions.touch_id, decisions.reasons, decisions.decided_at;

-- name: list_given_up
SELECT changed_at AS at, purpose, occasion LIKE '%~%' AS again, count(*) AS touches FROM touches
 WHERE person_id = :person_id AND status = 'cancelled' GROUP BY changed_at, purpose, again
 ORDER BY changed_at, purpose;

-- name: rate_people
-- Whose story has the most sides: what went out, what waited, what was given up.
SELECT people.person_id,
       (SELECT count(*) FROM attempts a WHERE a.person_id = people.person_id AND a.called_at IS NOT NULL) AS sent,
       (SELECT count(DISTINCT touch_id) FROM decisions d
         WHERE d.person_id = people.person_id AND d.decision = 'defer') AS waited,
       (SELECT count(*) FROM touches t WHERE t.person_id = people.person_id AND t.status = 'cancelled') AS given_up
  FROM people ORDER BY person_id;
