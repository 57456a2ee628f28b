-- name: hold_circles_alone
SELECT pg_advisory_xact_lock(:lock);

-- name: hold_circles_with_others
SELECT pg_advisory_xact_lock_shared(:lock);

-- name: read_circles
-- Whoever is said to be the same is followed to whoever is said to be the same as they.
WITH RECURSIVE circles (person_id) AS (
    SELECT unnest(:people::text[])
    UNION
    SELECT other FROM circles JOIN people USING (person_id) CROSS JOIN unnest(people.same_as) AS other
)
SELECT person_id FROM circles;

-- name: meet_people!
-- In one order for everybody, as every lock on people.
INSERT INTO people (person_id, met_at)
SELECT person_id, :now::timestamptz FROM unnest(:people::text[]) AS given (person_id) ORDER BY person_id
    ON CONFLICT (person_id) DO NOTHING;

-- name: lock_people
-- A statement of its own after the rows exist: its snapshot is younger than the locks it waited for.
SELECT person_id, record, version, digest, addresses, same_as
  FROM people
 WHERE person_id = ANY(:people::text[])
 ORDER BY person_id
   FOR UPDATE;

-- name: keep_people!
UPDATE people
   SET record = kept.record, version = kept.version, digest = kept.digest, changed_at = :now,
       addresses = ARRAY(SELECT jsonb_array_elements_text(kept.named -> 'addresses')),
       same_as = ARRAY(SELECT jsonb_array_elements_text(kept.named -> 'same_as'))
  FROM unnest(:people::text[], :records::jsonb[], :versions::bigint[], :digests::bytea[], :named::jsonb[])
       AS kept (person_id, record, version, digest, named)
 WHERE people.person_id = kept.person_id;

-- name: read_person^
SELECT person_id, record, version, digest, addresses, same_as FROM people WHERE person_id = :person_id;

-- name: list_people
SELECT person_id, record, version, digest, addresses, same_as
  FROM people
 WHERE person_id > :after
 ORDER BY person_id
 LIMIT :limit;

-- name: find_people
SELECT person_id, record, version, digest, addresses, same_as
  FROM people
 WHERE person_id = ANY(:people::text[])
 ORDER BY person_id;

-- name: list_known
SELECT person_id FROM people WHERE person_id = ANY(:people::text[]) ORDER BY person_id LIMIT :limit;

-- name: owners_of
SELECT address, array_agg(person_id ORDER BY person_id) AS people
  FROM unnest(:addresses::text[]) AS given (address)
  JOIN people ON people.addresses @> ARRAY[address]
 GROUP BY address;

-- name: list_by_address
SELECT person_id
  FROM people
 WHERE addresses @> ARRAY[:address::text] AND person_id > :after
 ORDER BY person_id
 LIMIT :limit;

-- name: list_shared_addresses
SELECT address, array_agg(person_id ORDER BY person_id) AS people
  FROM people CROSS JOIN unnest(addresses) AS address
 GROUP BY address
HAVING count(*) > 1
 ORDER BY min(person_id), address
 LIMIT :limit;
