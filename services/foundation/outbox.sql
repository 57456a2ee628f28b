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

-- name: count_on!
INSERT INTO outbox_heads AS head (topic, key, sequence)
SELECT topic, key, sequence
  FROM unnest(:topics::text[], :keys::text[], :sequences::bigint[]) AS told (topic, key, sequence)
 ORDER BY topic, key
    ON CONFLICT (topic, key) DO UPDATE SET sequence = greatest(head.sequence, excluded.sequence);

-- name: notify_relay!
SELECT pg_notify('outbox', '');

-- name: read_front
-- Data travels as text: the relay passes it on and need not understand it.
SELECT position, topic, key, sequence, type, source, occurred_at, data::text AS data, event_id
  FROM outbox
 ORDER BY position
 LIMIT :limit;

-- name: delete_entries!
-- One statement, so that what is deleted is known to be published.
WITH deleted AS (DELETE FROM outbox WHERE position = ANY(:positions::bigint[]))
INSERT INTO published_offsets (topic, partition, next_offset)
SELECT * FROM unnest(:topics::text[], :partitions::integer[], :offsets::bigint[])
           AS given (topic, partition, next_offset)
 ORDER BY topic, partition
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset;

-- name: read_published
SELECT topic, partition, next_offset FROM published_offsets;

-- name: list_published_topics
-- One step of the index for each topic: the heads are as many as there are people.
WITH RECURSIVE published AS (
    (SELECT topic FROM outbox_heads ORDER BY topic LIMIT 1)
    UNION ALL
    SELECT (SELECT topic FROM outbox_heads WHERE topic > published.topic ORDER BY topic LIMIT 1)
      FROM published WHERE published.topic IS NOT NULL
)
SELECT topic FROM published WHERE topic IS NOT NULL;

-- name: measure_backlog^
SELECT count(*) AS waiting, min(occurred_at) AS oldest_occurred_at FROM outbox;
