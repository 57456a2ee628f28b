-- name: find_erased
SELECT person_id, version, erased_at, returned_at FROM erased_people WHERE person_id = ANY(:people::text[]);

-- name: record_erased!
INSERT INTO erased_people (person_id, version, erased_at, held)
SELECT person_id, version, erased_at, held::json
  FROM unnest(:people::text[], :versions::bigint[], :ats::timestamptz[], :held::text[])
       AS given (person_id, version, erased_at, held)
    ON CONFLICT (person_id) DO UPDATE
   SET version = excluded.version, erased_at = excluded.erased_at, returned_at = NULL, held = excluded.held;

-- name: count_held
-- What is stored of people, by what it is.
SELECT named.person_id,
       (SELECT count(*) FROM snapshots WHERE person_id = named.person_id) AS snapshots,
       (SELECT count(*) FROM addresses WHERE person_id = named.person_id) AS addresses,
       (SELECT count(*) FROM debts WHERE person_id = named.person_id) AS debts,
       (SELECT count(*) FROM touches WHERE person_id = named.person_id AND status IN ('planned', 'waiting')) AS planned,
       (SELECT count(*) FROM attempts WHERE person_id = named.person_id AND message::text <> '{}') AS messages,
       (SELECT count(*) FROM contacts WHERE person_id = named.person_id) AS contacts,
       (SELECT count(*) FROM replies WHERE person_id = named.person_id) AS replies,
       (SELECT count(*) FROM hand_offs WHERE person_id = named.person_id AND done_at IS NULL) AS waits,
       (SELECT count(*) FROM suppressions WHERE person_id = named.person_id) AS stops_and_holds,
       (SELECT count(*) FROM questions WHERE person_id = named.person_id) AS questions,
       (SELECT count(*) FROM quarantine
         WHERE person = named.person_id OR key = convert_to(named.person_id, 'UTF8')) AS kept_aside
  FROM unnest(:people::text[]) AS named (person_id);

-- name: read_held
SELECT held::text AS held FROM erased_people WHERE person_id = :person_id;

-- name: defer_erasures!
INSERT INTO deferred_erasures (person_id, version, erased_at, heard_at)
SELECT person_id, version, erased_at, :now
  FROM unnest(:people::text[], :versions::bigint[], :ats::timestamptz[]) AS given (person_id, version, erased_at)
    ON CONFLICT (person_id) DO UPDATE SET version = excluded.version, erased_at = excluded.erased_at;

-- name: list_deferred
-- Of one person, or of everybody; the oldest first, and where one is given, those after it.
SELECT person_id, version, erased_at, heard_at FROM deferred_erasures
 WHERE (:person::text IS NULL OR person_id = :person)
   AND (:after::text IS NULL OR (heard_at, person_id) > (:heard_at::timestamptz, :after))
 ORDER BY heard_at, person_id LIMIT :limit;

-- name: end_deferral!
DELETE FROM deferred_erasures WHERE person_id = ANY(:people::text[]);

-- name: list_returning
-- Whose erasure waits, and of whom preferences has told something newer: a new relationship has begun.
SELECT person_id FROM deferred_erasures
  JOIN unnest(:people::text[], :versions::bigint[]) AS told (person_id, version) USING (person_id)
 WHERE told.version > deferred_erasures.version;

-- name: note_returned!
UPDATE erased_people SET returned_at = :now WHERE person_id = ANY(:people::text[]) AND returned_at IS NULL;

-- name: list_addresses_of
-- Wherever one of theirs stands: known, written to, written from, closed.
SELECT address FROM addresses WHERE person_id = ANY(:people::text[])
 UNION
SELECT address FROM attempts WHERE person_id = ANY(:people::text[])
 UNION
SELECT address FROM contacts WHERE person_id = ANY(:people::text[]) AND address IS NOT NULL
 UNION
SELECT address FROM replies WHERE person_id = ANY(:people::text[])
 UNION
SELECT address FROM waiting_unsubscribes WHERE person_id = ANY(:people::text[])
 UNION
SELECT address FROM suppressions WHERE person_id = ANY(:people::text[]) AND address IS NOT NULL;

-- name: list_had_by_others
SELECT DISTINCT address FROM addresses
 WHERE address = ANY(:addresses::text[]) AND person_id <> ALL(:people::text[]);

-- name: list_subjects
-- What acts may be about that were done to these people.
SELECT touch_id::text AS subject FROM touches WHERE person_id = ANY(:people::text[])
 UNION
SELECT reply_id FROM replies WHERE person_id = ANY(:people::text[])
 UNION
SELECT suppression_id FROM suppressions WHERE person_id = ANY(:people::text[]);

-- name: list_situations
SELECT decision_id, situation FROM decisions
 WHERE touch_id IN (SELECT touch_id FROM touches WHERE person_id = ANY(:people::text[]));

-- name: keep_situations!
UPDATE decisions SET situation = kept.situation, digest = kept.digest
  FROM unnest(:ids::bigint[], :situations::bytea[], :digests::text[]) AS kept (decision_id, situation, digest)
 WHERE decisions.decision_id = kept.decision_id;

-- name: forget_known!
-- What was known of them and what they said. Nobody waits for a human any more of whom nothing is known.
WITH snapshots_gone AS (DELETE FROM snapshots WHERE person_id = ANY(:people::text[])),
     addresses_gone AS (DELETE FROM addresses WHERE person_id = ANY(:people::text[])),
     ids_gone AS (DELETE FROM same_people WHERE person_id = ANY(:people::text[]) OR other = ANY(:people::text[])),
     questions_gone AS (DELETE FROM questions WHERE person_id = ANY(:people::text[])),
     waits_gone AS (DELETE FROM hand_offs
                     WHERE person_id = ANY(:people::text[])
                        OR (person_id IS NULL
                            AND reply_id IN (SELECT reply_id FROM replies WHERE address = ANY(:own::text[])))),
     replies_gone AS (DELETE FROM replies
                       WHERE person_id = ANY(:people::text[])
                          OR (person_id IS NULL AND address = ANY(:own::text[]))),
     unbound_gone AS (DELETE FROM waiting_unsubscribes WHERE person_id = ANY(:people::text[])),
     debts_gone AS (DELETE FROM debts WHERE person_id = ANY(:people::text[]))
SELECT 1;

-- name: forget_sent!
-- That something was sent stays, and when, by which channel, decision and policy; not what it said, nor to where.
WITH told AS (
    UPDATE attempts SET message = '{}', address = 'digest:' || given.digest, address_digest = given.digest
      FROM unnest(:addresses::text[], :digests::text[]) AS given (address, digest)
     WHERE person_id = ANY(:people::text[]) AND attempts.address = given.address
), planned AS (
    UPDATE touches SET details = '{}' WHERE person_id = ANY(:people::text[])
)
UPDATE contacts SET address = 'erased:' || given.digest
  FROM unnest(:addresses::text[], :digests::text[]) AS given (address, digest)
 WHERE person_id = ANY(:people::text[]) AND contacts.address = given.address;

-- name: forget_holds!
DELETE FROM suppressions
 WHERE person_id = ANY(:people::text[])
   AND kind NOT IN ('opted_out', 'unreachable', 'wrong_party', 'unsafe');

-- name: forget_mistakes!
-- What was found to be a mistake stays one, without the words of whoever found it.
UPDATE suppressions SET mistaken_why = 'erased', mistaken_evidence = 'erased'
 WHERE person_id = ANY(:people::text[]) AND mistaken_at IS NOT NULL;

-- name: keep_stops!
-- What closes an address closes it for whoever has it, by its digest until somebody does; what binds nobody any more
-- is kept as what it was, under a digest that nobody can come to have.
UPDATE suppressions
   SET suppression_id = CASE WHEN given.is_had THEN suppression_id
                             ELSE replace(suppression_id, given.address, given.digest) END,
       address = CASE WHEN given.is_had THEN suppressions.address
                      WHEN lifted_at IS NULL AND mistaken_at IS NULL THEN 'digest:' || given.digest
                      ELSE 'erased:' || given.digest END,
       person_id = CASE WHEN NOT given.is_had AND (lifted_at IS NOT NULL OR mistaken_at IS NOT NULL) THEN person_id END
  FROM unnest(:addresses::text[], :digests::text[], :had::boolean[]) AS given (address, digest, is_had)
 WHERE suppressions.address = given.address
   AND (person_id = ANY(:people::text[]) OR (person_id IS NULL AND NOT given.is_had));
