-- name: hear
-- Given in one order by everybody: two transactions with the same events wait, they do not deadlock.
INSERT INTO inbox (source, event_id, digest, heard_at)
SELECT source, event_id, digest, :now::timestamptz
  FROM unnest(:sources::text[], :ids::text[], :digests::bytea[]) AS given (source, event_id, digest)
    ON CONFLICT (source, event_id) DO NOTHING
RETURNING source, event_id;

-- name: read_digests
-- A statement of its own after the insert: its snapshot is younger than the transactions that waited for.
SELECT source, event_id, digest
  FROM unnest(:sources::text[], :ids::text[]) AS given (source, event_id) JOIN inbox USING (source, event_id);

-- name: delete_heard_before!
DELETE FROM inbox WHERE heard_at < :before;

-- name: forget_digests!
UPDATE inbox SET digest = NULL
  FROM unnest(:sources::text[], :ids::text[]) AS given (source, event_id)
 WHERE inbox.source = given.source AND inbox.event_id = given.event_id;
