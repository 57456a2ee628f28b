-- name: read_key$
SELECT key FROM stops_key;

-- name: find_standing
SELECT person_id, erased_at FROM erasures WHERE person_id = ANY(:people::text[]) AND returned_at IS NULL;

-- name: find_erasure^
SELECT erased_at, version, returned_at FROM erasures WHERE person_id = :person_id;

-- name: list_versions
SELECT person_id, version FROM erasures WHERE person_id = ANY(:people::text[]);

-- name: record_erasures!
INSERT INTO erasures (person_id, erased_at, version)
SELECT person_id, :now::timestamptz, version
  FROM unnest(:people::text[], :versions::bigint[]) AS given (person_id, version)
    ON CONFLICT (person_id) DO UPDATE
   SET erased_at = excluded.erased_at, version = greatest(erasures.version, excluded.version), returned_at = NULL;

-- name: note_returned!
UPDATE erasures SET returned_at = greatest(erased_at, :now::timestamptz)
 WHERE person_id = ANY(:people::text[]) AND returned_at IS NULL;

-- name: keep_stops!
INSERT INTO kept_stops (digest, opt_out_id, channel, kind, origin, at, heard_at)
SELECT digest, opt_out_id, channel, kind, origin, at, heard_at
  FROM json_to_recordset(:stops::json)
       AS given (digest text, opt_out_id text, channel text, kind text, origin text, at timestamptz, heard_at timestamptz)
    ON CONFLICT DO NOTHING;

-- name: find_stops
SELECT digest, opt_out_id, channel, kind, origin, at, heard_at
  FROM kept_stops WHERE digest = ANY(:digests::text[])
 ORDER BY digest, opt_out_id;

-- name: erase_entries$
SELECT erase_entries(:person_id);

-- name: list_heard
SELECT DISTINCT source, event_id FROM entries WHERE person_id = ANY(:people::text[]) ORDER BY source, event_id;

-- name: erase_rows!
WITH gone_choices AS (DELETE FROM choices WHERE person_id = ANY(:people::text[])),
     gone_links AS (DELETE FROM links WHERE person_id = ANY(:people::text[])),
     gone_checks AS (DELETE FROM light_checks WHERE person_id = ANY(:people::text[]))
DELETE FROM people WHERE person_id = ANY(:people::text[]);

-- name: list_linked_addresses
SELECT DISTINCT address FROM links WHERE person_id = ANY(:people::text[]);

-- name: count_rows^
-- What an erasure would delete.
SELECT (SELECT count(*) FROM entries WHERE person_id = :person_id) AS entries,
       (SELECT count(*) FROM choices WHERE person_id = :person_id) AS choices,
       (SELECT count(*) FROM links WHERE person_id = :person_id) AS links,
       (SELECT count(*) FROM light_checks WHERE person_id = :person_id) AS light_checks,
       (SELECT count(*) FROM quarantine WHERE person = :person_id OR key = :key::bytea) AS quarantined,
       (SELECT count(*) FROM acts WHERE subject = :person_id AND reason IS NOT NULL) AS reasons;
