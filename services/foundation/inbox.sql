-- name: hear
-- Given in one order by everybody: two transactions with the same events wait, they do not deadlock.
INSERT INTO inbox (source, event_id, heard_at)
SELECT source, event_id, :now::timestamptz
  FROM unnest(:sources::text[], :ids::text[]) AS given (source, event_id)
    ON CONFLICT (source, event_id) DO NOTHING
RETURNING source, event_id;

-- name: delete_heard_before!
DELETE FROM inbox WHERE heard_at < :before;
