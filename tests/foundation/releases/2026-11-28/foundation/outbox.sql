-- name: append_entries!
-- The heads' rows are locked, in one order for everybody, before positions are drawn: of one key,
-- a later sequence never has an earlier position, and whoever commits second comes second.
WITH heads AS (
    INSERT INTO outbox_heads AS head (topic, key, sequence)
    SELECT topic, key, total
      FROM unnest(:topics::text[], :keys::text[], :totals::bigint[]) AS given (topic, key, total)
     ORDER BY topic, key
        ON CONFLICT (topic, key) DO UPDATE SET sequence = head.sequence + excluded.sequence
    RETURNING topic, key, sequence
)
INSERT INTO outbox (topic, key, sequence, type, source, occurred_at, data, event_id)
SELECT topic, key, heads.sequence - given.following, type, :source, occurred_at, data, gen_random_uuid()
  FROM ROWS FROM (
           json_to_recordset(:entries::json) AS (topic text, key text, type text, "time" timestamptz, data json),
           unnest(:following::bigint[])
       ) WITH ORDINALITY AS given (topic, key, type, occurred_at, data, following, place)
  JOIN heads USING (topic, key)
 ORDER BY place;

-- name: notify_relay!
SELECT pg_notify('outbox', '');

-- name: read_front
-- Data travels as text: the relay passes it on and need not understand it.
SELECT position, topic, key, sequence, type, source, occurred_at, data::text AS data, event_id
  FROM outbox
 ORDER BY position
 LIMIT :limit;

-- name: delete_entries!
DELETE FROM outbox WHERE position = ANY(:positions::bigint[]);

-- name: measure_backlog^
SELECT count(*) AS waiting, min(occurred_at) AS oldest_occurred_at FROM outbox;
