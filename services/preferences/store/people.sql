-- name: meet_people!
-- In one order for everybody, as every lock on people.
INSERT INTO people (person_id, met_at)
SELECT person_id, :now::timestamptz FROM unnest(:people::text[]) AS given (person_id) ORDER BY person_id
    ON CONFLICT (person_id) DO NOTHING;

-- name: lock_people
-- A statement of its own after the rows exist: its snapshot is younger than the locks it waited for.
SELECT person_id, record, version, digest
  FROM people
 WHERE person_id = ANY(:people::text[])
 ORDER BY person_id
   FOR UPDATE;

-- name: keep_people!
UPDATE people
   SET record = kept.record, version = kept.version, digest = kept.digest, changed_at = :now
  FROM unnest(:people::text[], :records::jsonb[], :versions::bigint[], :digests::bytea[])
       AS kept (person_id, record, version, digest)
 WHERE people.person_id = kept.person_id;

-- name: read_person^
SELECT person_id, record, version, digest FROM people WHERE person_id = :person_id;

-- name: list_people
SELECT person_id, record, version, digest FROM people WHERE person_id > :after ORDER BY person_id LIMIT :limit;
