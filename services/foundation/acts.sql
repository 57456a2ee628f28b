-- name: record_act!
INSERT INTO acts (at, actor, known_by, act, subject, reason)
VALUES (:now, :actor, :known_by, :act, :subject, :reason);

-- name: list_acts
SELECT act_id, at, actor, known_by, act, subject, reason FROM acts
 WHERE (:subject::text IS NULL OR subject = :subject) AND (:actor::text IS NULL OR actor = :actor)
 ORDER BY act_id DESC LIMIT :limit;

-- name: forget_reasons$
SELECT forget_reasons(:subjects::text[], :addresses::text[]);
