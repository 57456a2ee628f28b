-- name: store_offsets!
INSERT INTO consumed_offsets AS stored (consumer_group, topic, partition, next_offset)
SELECT :group, topic, partition, next_offset
  FROM unnest(:topics::text[], :partitions::integer[], :offsets::bigint[]) AS given (topic, partition, next_offset)
 ORDER BY topic, partition
    ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = excluded.next_offset;

-- name: read_offsets
SELECT topic, partition, next_offset FROM consumed_offsets WHERE consumer_group = :group;

-- name: store_caught_up!
-- The last word holds, even if it is of an earlier instant: one that a fast clock told must not stay.
INSERT INTO caught_up AS stored (consumer_group, topic, partition, caught_up_at)
VALUES (:group, :topic, :partition, :caught_up_at)
    ON CONFLICT (consumer_group, topic, partition) DO UPDATE
   SET caught_up_at = excluded.caught_up_at;

-- name: read_caught_up^
SELECT count(*) AS partitions, min(caught_up_at) AS caught_up_at
  FROM caught_up
 WHERE consumer_group = :group AND topic = :topic;

-- name: read_topic_ids
SELECT topic, topic_id FROM known_topics;

-- name: store_topic_ids!
INSERT INTO known_topics (topic, topic_id)
SELECT * FROM unnest(:topics::text[], :ids::text[]) AS given (topic, topic_id) ORDER BY topic
    ON CONFLICT (topic) DO UPDATE SET topic_id = excluded.topic_id;
