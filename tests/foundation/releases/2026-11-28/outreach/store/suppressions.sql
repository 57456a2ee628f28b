-- name: record_suppressions
INSERT INTO suppressions (suppression_id, person_id, address, channel, kind, origin, at, until, heard_at)
SELECT *, :now::timestamptz FROM unnest(:ids::text[], :people::text[], :addresses::text[], :channels::text[], :kinds::text[],
                     :origins::text[], :ats::timestamptz[], :untils::timestamptz[])
    ON CONFLICT (suppression_id) DO NOTHING
RETURNING suppression_id;

-- name: read_suppressions
-- What binds these people, or an address of theirs. A suppression that was lifted binds nobody. One that another
-- person's snapshot told of closes the address alone.
SELECT s.suppression_id, s.person_id, s.address, s.channel, s.kind, s.at, s.until, s.origin = 'snapshot' AS is_local
  FROM suppressions s
 WHERE s.lifted_at IS NULL AND s.person_id = ANY(:people::text[])
UNION
SELECT s.suppression_id, a.person_id, s.address, s.channel, s.kind, s.at, s.until, s.origin = 'snapshot'
  FROM suppressions s JOIN addresses a ON a.address = s.address
 WHERE s.lifted_at IS NULL AND a.person_id = ANY(:people::text[]);

-- name: lift_suppressions
UPDATE suppressions SET lifted_at = :now, lifted_by = :by
 WHERE suppression_id = ANY(:ids::text[]) AND lifted_at IS NULL
RETURNING suppression_id, person_id, address, channel, kind;

-- name: lift_holds!
-- What closes an address may bear the name of a reply as well: lifting a hold opens no address.
UPDATE suppressions SET lifted_at = :now, lifted_by = :by
 WHERE suppression_id = ANY(:ids::text[])
   AND kind NOT IN ('opted_out', 'complained', 'unreachable', 'wrong_party') AND lifted_at IS NULL;

-- name: list_liftable
-- What a START takes back: opt-outs by reply at this address, and nothing else. Of two STARTs one takes it.
SELECT suppression_id, person_id, address, channel, kind FROM suppressions
 WHERE lifted_at IS NULL AND kind = 'opted_out' AND channel = :channel
   AND address = :address AND origin IN ('reply', 'provider')
 ORDER BY suppression_id
   FOR UPDATE;
