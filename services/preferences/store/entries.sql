-- name: append_entries!
-- Whoever draws numbers holds the lock until the commit: a reader who has seen one number has seen all below.
-- It is taken after the people and before the heads of the outbox, so nobody waits in a circle.
WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(:lock) AS held)
INSERT INTO entries (person_id, type, data, source, event_id, said_by, speaker, way, caller, evidence,
                     happened_at, heard_at)
SELECT person_id, type, data, source, event_id, said_by, speaker, way, caller, evidence, happened_at, heard_at
  FROM alone,
       ROWS FROM (
           json_to_recordset(:entries::json) AS (
               person_id text, type text, data jsonb, source text, event_id text, said_by text, speaker text,
               way text, caller text, evidence jsonb, happened_at timestamptz, heard_at timestamptz
           )
       ) WITH ORDINALITY AS given (person_id, type, data, source, event_id, said_by, speaker, way, caller,
                                   evidence, happened_at, heard_at, place)
 ORDER BY place;

-- name: list_entries
SELECT number, person_id, type, data, source, event_id, said_by, speaker, way, caller, evidence,
       happened_at, heard_at
  FROM entries
 WHERE number > :after
 ORDER BY number
 LIMIT :limit;

-- name: find_entry^
SELECT number, person_id, type, data, source, event_id, said_by, speaker, way, caller, evidence,
       happened_at, heard_at
  FROM entries
 WHERE number = :number;

-- name: read_entries
SELECT number, person_id, type, data, source, event_id, said_by, speaker, way, caller, evidence,
       happened_at, heard_at
  FROM entries
 WHERE person_id = ANY(:people::text[])
 ORDER BY number;
