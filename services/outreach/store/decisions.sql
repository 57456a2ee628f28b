-- name: record_decisions!
-- What goes out always has its decision. What waits is asked again whenever a fact is heard: the same answer of the same
-- policy as the last one is the same decision.
INSERT INTO decisions (touch_id, person_id, channel, decided_at, decision, reasons, until, policy, digest, answers,
                       situation)
SELECT touch_id, person_id, channel, :now::timestamptz, decision, string_to_array(reasons, ','), until, :policy, digest,
       answers::json, situation
  FROM unnest(:touches::uuid[], :people::text[], :channels::text[], :decisions::text[], :reasons::text[],
              :untils::timestamptz[], :digests::text[], :answers::text[], :situations::bytea[])
       AS made (touch_id, person_id, channel, decision, reasons, until, digest, answers, situation)
 WHERE decision = 'send'
    OR NOT EXISTS (SELECT FROM (SELECT * FROM decisions WHERE decisions.touch_id = made.touch_id
                                 ORDER BY decided_at DESC, decision_id DESC LIMIT 1) AS last
                    WHERE last.decision = made.decision AND last.channel = made.channel
                      AND last.reasons = string_to_array(made.reasons, ',')
                      AND last.until IS NOT DISTINCT FROM made.until AND last.policy = :policy
                      AND last.answers::text = made.answers);

-- name: list_decisions_of
SELECT touch_id, channel, decided_at, decision, reasons, until, policy, digest, answers::text AS answers,
       situation
  FROM decisions WHERE touch_id = ANY(:touches::uuid[]) ORDER BY decided_at, decision_id;

-- name: list_situations_since
SELECT situation FROM decisions WHERE decided_at >= :since ORDER BY decision_id LIMIT :limit;

-- name: forget_decisions!
DELETE FROM decisions WHERE decided_at < :before;
