-- name: store_offsets!
INSERT INTO consumed_offsets AS stored (consumer_group, topic, partition, next_offset)
SELECT :group, topic, partition, next_offset
  FROM unnest(:topics::text[], :partitions::integer[], :offsets::bigint[]) AS given (topic, partition, next_offset)
 ORDER BY topic, partition
    ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = excluded.next_offset;

-- name: read_offsets
SELECT topic, partition, next_offset FROM consumed_offsets WHERE consumer_group = :group;

-- name: store_caught_up!
INSERT INTO caught_up AS stored (consumer_group, topic, partition, caught_up_at)
VALUES (:group, :topic, :partition, :caught_up_at)
    ON CONFLICT (consumer_group, topic, partition) DO UPDATE
   SET caught_up_at = greatest(stored.caught_up_at, excluded.caught_up_at);

-- name: read_caught_up^
SELECT count(*) AS partitions, min(caught_up_at) AS caught_up_at
  FROM caught_up
 WHERE consumer_group = :group AND topic = :topic;
