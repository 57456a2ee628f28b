-- name: keep
-- A record read again is kept already; only what is new comes back.
INSERT INTO quarantine (topic, partition, record_offset, key, value, headers, reason, problem, person, kept_at)
SELECT topic, partition, record_offset, key, value, headers, reason, problem, person, :now
  FROM unnest(:topics::text[], :partitions::integer[], :offsets::bigint[], :keys::bytea[], :values::bytea[],
              :headers::jsonb[], :reasons::text[], :problems::text[], :people::text[])
       AS given (topic, partition, record_offset, key, value, headers, reason, problem, person)
    ON CONFLICT (topic, partition, record_offset, digest) DO NOTHING
RETURNING *;

-- name: list_open
SELECT * FROM quarantine WHERE state = 'open' AND id > :after ORDER BY id LIMIT :limit;

-- name: find^
SELECT * FROM quarantine WHERE id = :id;

-- name: close$
UPDATE quarantine SET state = :state, closed_at = :now, closed_by = :by
 WHERE id = :id AND state = 'open'
RETURNING true;

-- name: keys_waiting
SELECT DISTINCT person FROM quarantine WHERE state = 'open' AND person = ANY(:keys::text[]);

-- name: list_waiting_people
-- Whom an open record names waits; those who have waited longest come first.
SELECT person, min(kept_at) AS since, array_agg(id ORDER BY id) AS records
  FROM quarantine
 WHERE state = 'open' AND person IS NOT NULL
 GROUP BY person HAVING min(kept_at) <= :before
 ORDER BY since, person LIMIT :limit;

-- name: count_waiting_people$
SELECT count(DISTINCT person) FROM quarantine
 WHERE state = 'open' AND person IS NOT NULL AND kept_at <= :before;

-- name: is_waiting_at$
SELECT EXISTS (SELECT FROM quarantine
                WHERE person = :key AND kept_at <= :at AND (closed_at IS NULL OR closed_at > :at));

-- name: count_open
SELECT topic, reason, count(*) AS records FROM quarantine WHERE state = 'open' GROUP BY topic, reason;

-- name: delete_closed!
DELETE FROM quarantine WHERE state <> 'open' AND closed_at < :before;

-- name: list_of
SELECT * FROM quarantine WHERE person = :key OR key = :encoded_key::bytea ORDER BY id;

-- name: forget!
-- Whatever names these keys, and what nobody could read the key of where one of these texts stands in it.
DELETE FROM quarantine
 WHERE person = ANY(:keys::text[]) OR key = ANY(:encoded_keys::bytea[])
    OR (person IS NULL
        AND EXISTS (SELECT FROM unnest(:texts::bytea[]) AS text (text) WHERE position(text.text IN quarantine.value) > 0));
