-- name: record_suppressions
INSERT INTO suppressions (suppression_id, person_id, address, channel, kind, origin, at, until, heard_at, recorded_by)
SELECT *, :now::timestamptz, :by::text FROM unnest(:ids::text[], :people::text[], :addresses::text[], :channels::text[], :kinds::text[],
                     :origins::text[], :ats::timestamptz[], :untils::timestamptz[])
    ON CONFLICT (suppression_id) DO NOTHING
RETURNING suppression_id;

-- name: read_suppressions
-- What binds these people, or an address of theirs. One that was lifted, or recorded by mistake, binds nobody. One that another
-- person's snapshot told of closes the address alone.
SELECT s.suppression_id, s.person_id, s.address, s.channel, s.kind, s.at, s.until, s.origin = 'snapshot' AS is_local
  FROM suppressions s
 WHERE s.lifted_at IS NULL AND s.mistaken_at IS NULL AND s.person_id = ANY(:people::text[])
UNION
SELECT s.suppression_id, a.person_id, s.address, s.channel, s.kind, s.at, s.until, s.origin = 'snapshot'
  FROM suppressions s JOIN addresses a ON a.address = s.address
 WHERE s.lifted_at IS NULL AND s.mistaken_at IS NULL AND a.person_id = ANY(:people::text[]);

-- name: list_suppressions_of
-- All of a person that was ever recorded, lifted and mistaken ones too.
SELECT suppression_id, address, channel, kind, origin, at, until, heard_at, lifted_at, lifted_by, recorded_by, mistaken_at,
       mistaken_by, mistaken_why
  FROM suppressions
 WHERE person_id = :person_id OR address IN (SELECT address FROM addresses WHERE person_id = :person_id)
 ORDER BY heard_at, suppression_id;

-- name: read_suppressions_by_other_ids
-- What binds these people under another id of theirs.
SELECT s.suppression_id, o.person_id, s.address, s.channel, s.kind, s.at, s.until, s.origin = 'snapshot' AS is_local
  FROM other_ids o JOIN suppressions s ON s.person_id = o.other
 WHERE s.lifted_at IS NULL AND s.mistaken_at IS NULL AND o.person_id = ANY(:people::text[]);

-- name: lift_suppressions
UPDATE suppressions SET lifted_at = :now, lifted_by = :by
 WHERE suppression_id = ANY(:ids::text[]) AND lifted_at IS NULL
RETURNING suppression_id, person_id, address, channel, kind;

-- name: lift_holds!
-- What closes an address may bear the name of a reply as well: lifting a hold opens no address.
UPDATE suppressions SET lifted_at = :now, lifted_by = :by
 WHERE suppression_id = ANY(:ids::text[])
   AND kind NOT IN ('opted_out', 'complained', 'unreachable', 'wrong_party', 'unsafe') AND lifted_at IS NULL;

-- name: lift_holds_of_erasures!
UPDATE suppressions SET lifted_at = :now, lifted_by = :by
 WHERE person_id = ANY(:people::text[]) AND origin = 'erasure' AND lifted_at IS NULL;

-- name: lift_waits_of_other_names!
UPDATE suppressions SET lifted_at = :now, lifted_by = :by
 WHERE person_id = ANY(:people::text[]) AND origin = 'names' AND lifted_at IS NULL
   AND NOT suppression_id = ANY(:standing::text[]);

-- name: list_waits_of_names
-- Of one person, or of everybody.
SELECT person_id, min(at) AS since FROM suppressions
 WHERE origin = 'names' AND lifted_at IS NULL AND (:person::text IS NULL OR person_id = :person)
 GROUP BY person_id;

-- name: list_recorded
SELECT suppression_id FROM suppressions WHERE suppression_id = ANY(:ids::text[]);

-- name: list_liftable
-- What a START takes back: opt-outs by reply at this address, and nothing else. Of two STARTs one takes it. What a
-- vendor of email closed was no reply of the person, and what closed an unsafe address no START opens.
SELECT suppression_id, person_id, address, channel, kind, at FROM suppressions
 WHERE lifted_at IS NULL AND mistaken_at IS NULL AND kind = 'opted_out' AND channel = :channel
   AND address = :address AND (origin = 'reply' OR (origin = 'provider' AND channel = 'sms'))
 ORDER BY suppression_id
   FOR UPDATE;

-- name: stays_closed$
-- Whether anything but these closes the channel to one of these people or at the address. What preferences tells of a
-- stop follows that stop and ends with it, so it counts where there is no stop of theirs beside it.
SELECT EXISTS (SELECT FROM suppressions
                WHERE lifted_at IS NULL AND mistaken_at IS NULL AND kind IN ('opted_out', 'wrong_party')
                  AND (channel = :channel OR channel IS NULL)
                  AND (address = :address OR person_id = ANY(:people::text[]))
                  AND suppression_id <> ALL(:but::text[])
                  AND (origin <> 'snapshot' OR cardinality(:but::text[]) = 0));

-- name: list_stops_of
-- What closes a channel or an address for a person, or at an address, and still stands; `mark_mistaken` takes what may be one.
SELECT suppression_id, person_id, address, channel, kind, origin, at, heard_at,
       origin IN ('reply', 'safety', 'staff') AS may_be_mistaken
  FROM suppressions
 WHERE lifted_at IS NULL AND mistaken_at IS NULL
   AND kind IN ('opted_out', 'wrong_party', 'unsafe') AND origin <> 'snapshot'
   AND (person_id = :subject OR address = :subject OR suppression_id = :subject)
 ORDER BY heard_at, suppression_id;

-- name: mark_mistaken
-- Only what was understood or told wrongly: what the person did themselves, at a link or a vendor, is no mistake.
UPDATE suppressions
   SET mistaken_at = :now, mistaken_by = :by, mistaken_why = :why, mistaken_evidence = :evidence
 WHERE suppression_id = ANY(:ids::text[]) AND lifted_at IS NULL AND mistaken_at IS NULL
   AND origin IN ('reply', 'safety', 'staff')
RETURNING suppression_id, person_id, address, channel, kind;

-- name: is_unsafe$
SELECT EXISTS (SELECT FROM suppressions
                WHERE address = :address AND channel = :channel AND kind = 'unsafe'
                  AND lifted_at IS NULL AND mistaken_at IS NULL);
