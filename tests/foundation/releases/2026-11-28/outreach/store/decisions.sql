-- name: record_decisions!
INSERT INTO decisions (touch_id, person_id, channel, decided_at, decision, reasons, until, policy, digest, answers,
                       situation)
SELECT touch_id, person_id, channel, :now::timestamptz, decision, string_to_array(reasons, ','), until, :policy, digest,
       answers::json, situation
  FROM unnest(:touches::uuid[], :people::text[], :channels::text[], :decisions::text[], :reasons::text[],
              :untils::timestamptz[], :digests::text[], :answers::text[], :situations::bytea[])
       AS made (touch_id, person_id, channel, decision, reasons, until, digest, answers, situation);

-- name: list_decisions_of
SELECT touch_id, channel, decided_at, decision, reasons, until, policy, digest, answers::text AS answers,
       situation
  FROM decisions WHERE touch_id = ANY(:touches::uuid[]) ORDER BY decided_at, decision_id;

-- name: list_situations_since
SELECT situation FROM decisions WHERE decided_at >= :since ORDER BY decision_id LIMIT :limit;

-- name: forget_decisions!
DELETE FROM decisions WHERE decided_at < :before;
