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

-- name: count_open
SELECT topic, reason, count(*) AS records FROM quarantine WHERE state = 'open' GROUP BY topic, reason;

-- name: delete_closed!
DELETE FROM quarantine WHERE state <> 'open' AND closed_at < :before;
