-- name: note_recoveries!
INSERT INTO recoveries (consumer_group, topic, partition, stands, committed, noticed_at)
SELECT :group, topic, partition, stands, committed, :now
  FROM unnest(:topics::text[], :partitions::integer[], :stands::bigint[], :committed::bigint[])
       AS given (topic, partition, stands, committed)
 ORDER BY topic, partition
    ON CONFLICT DO NOTHING;

-- name: list_open_recoveries
SELECT topic, partition, r.stands AS stood, coalesce(o.next_offset, 0) AS stands, r.committed, r.noticed_at
  FROM recoveries r LEFT JOIN consumed_offsets o USING (consumer_group, topic, partition)
 WHERE r.accepted_at IS NULL
 ORDER BY r.committed - coalesce(o.next_offset, 0) DESC, topic, partition;

-- name: accept_recoveries
UPDATE recoveries r SET accepted_at = :now, accepted_by = :by
 WHERE accepted_at IS NULL
   AND EXISTS (SELECT FROM consumed_offsets o
                WHERE o.consumer_group = r.consumer_group AND o.topic = r.topic AND o.partition = r.partition
                  AND o.next_offset >= r.committed)
RETURNING topic, partition;
