-- name: meet_people!
-- In person_id order, as every writer does, so that two batches never wait in a circle. Whoever is known
-- already is locked all the same, for that is what a conflict does even where nothing is to be updated.
-- Their other ids are locked with them, for what happens to one changes what may be decided about the others.
INSERT INTO people AS known (person_id, heard_at)
SELECT person_id, :now::timestamptz
  FROM (SELECT unnest(:people::text[]) AS person_id
         UNION
        SELECT other FROM other_ids WHERE person_id = ANY(:people::text[])) AS met
 ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE SET revision = known.revision WHERE false;

-- name: lock_people
-- With their other ids; an array, for which there is one plan whatever the numbers are.
SELECT person_id, revision FROM people
 WHERE person_id = ANY (ARRAY(SELECT unnest(:people::text[])
                               UNION
                              SELECT other FROM other_ids WHERE person_id = ANY(:people::text[])))
 ORDER BY person_id
   FOR NO KEY UPDATE;

-- name: lock_people_with_due_touches
-- First of two statements. SKIP LOCKED gives two workers disjoint people; more candidates than
-- are wanted are looked at, so that a worker whose first choices are taken still finds work.
-- An array, for which there is one plan whatever the numbers are: joined, the general plan walks all people.
SELECT person_id FROM people
 WHERE person_id = ANY (ARRAY(SELECT person_id FROM touches
                               WHERE status IN ('planned', 'waiting') AND due_at <= :now
                               ORDER BY due_at LIMIT :candidates))
 ORDER BY person_id
 LIMIT :limit
   FOR NO KEY UPDATE SKIP LOCKED;

-- name: raise_revisions!
-- Of their other ids too.
UPDATE people SET revision = revision + 1
 WHERE person_id = ANY (ARRAY(SELECT unnest(:people::text[])
                               UNION
                              SELECT other FROM other_ids WHERE person_id = ANY(:people::text[])));

-- name: read_people
SELECT person_id, revision, snapshot::text AS snapshot
  FROM people LEFT JOIN snapshots USING (person_id)
 WHERE person_id = ANY(:people::text[]);

-- name: read_snapshots
SELECT person_id, snapshot::text AS snapshot FROM snapshots WHERE person_id = ANY(:people::text[]);

-- name: list_versions
SELECT person_id, version FROM snapshots WHERE person_id = ANY(:people::text[]);

-- name: keep_snapshots
-- Never an older version; whose snapshot is another now is returned.
INSERT INTO snapshots AS stored (person_id, version, snapshot, heard_at)
SELECT person_id, version, snapshot::json, :now::timestamptz
  FROM unnest(:people::text[], :snapshots::text[], :versions::bigint[]) AS kept (person_id, snapshot, version)
    ON CONFLICT (person_id) DO UPDATE
   SET version = excluded.version, snapshot = excluded.snapshot, heard_at = excluded.heard_at
 WHERE stored.version <= excluded.version AND stored.snapshot::text <> excluded.snapshot::text
RETURNING person_id;

-- name: forget_addresses!
DELETE FROM addresses WHERE person_id = ANY(:people::text[]);

-- name: keep_addresses!
INSERT INTO addresses (address, person_id, channel, digest)
SELECT * FROM unnest(:addresses::text[], :people::text[], :channels::text[], :digests::text[])
    ON CONFLICT DO NOTHING;

-- name: list_people_at
-- Whoever was written to at an address may answer from it, whatever a newer snapshot says.
SELECT address, person_id FROM addresses WHERE address = ANY(:addresses::text[])
 UNION
SELECT address, person_id FROM attempts WHERE address = ANY(:addresses::text[]) AND called_at IS NOT NULL
 ORDER BY person_id;

-- name: read_shared_addresses
-- Every address of these people that somebody else has too.
SELECT mine.person_id, mine.address
  FROM addresses mine JOIN addresses theirs ON theirs.address = mine.address AND theirs.person_id <> mine.person_id
 WHERE mine.person_id = ANY(:people::text[])
 GROUP BY mine.person_id, mine.address;

-- name: read_addresses_of_erased
-- Every address of these people at which somebody was contacted who was erased since: of that the digest is left.
SELECT mine.person_id, mine.address, 'erased:' || mine.digest AS erased
  FROM addresses mine
 WHERE mine.person_id = ANY(:people::text[])
   AND EXISTS (SELECT FROM erased_people)
   AND EXISTS (SELECT FROM contacts
                WHERE contacts.address = 'erased:' || mine.digest AND contacts.person_id <> mine.person_id
                  AND contacts.at > :since);

-- name: lock_names
-- After the people, never before; in order. Two people who share an address are decided one after the other, and
-- so are two ids of one person.
SELECT pg_advisory_xact_lock(hashtextextended(name, 7))
  FROM (SELECT name FROM unnest(:names::text[]) AS name ORDER BY name) AS sorted;

-- name: forget_other_ids!
DELETE FROM same_people WHERE person_id = ANY(:people::text[]);

-- name: keep_other_ids!
INSERT INTO same_people (person_id, other) SELECT * FROM unnest(:people::text[], :others::text[])
    ON CONFLICT DO NOTHING;

-- name: read_other_ids
SELECT person_id, other FROM other_ids WHERE person_id = ANY(:people::text[]);

-- name: list_all_people
SELECT person_id FROM people WHERE person_id > :after ORDER BY person_id LIMIT :limit;
