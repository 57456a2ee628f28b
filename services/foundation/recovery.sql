-- name: note_recoveries
-- What is open already is noticed once. What is new begins where reading will: at the first record that is kept.
WITH noted AS (
    INSERT INTO recoveries (consumer_group, topic, partition, stands, committed, noticed_at, cause, lost, keeps_from)
    SELECT consumer_group, topic, partition, stands, committed, :now, cause, lost, keeps_from
      FROM unnest(:groups::text[], :topics::text[], :partitions::integer[], :stands::bigint[], :committed::bigint[],
                  :causes::text[], :lost::bigint[], :keeps_from::timestamptz[])
           AS given (consumer_group, topic, partition, stands, committed, cause, lost, keeps_from)
     ORDER BY consumer_group, topic, partition
        ON CONFLICT DO NOTHING
    RETURNING consumer_group, topic, partition, stands + lost AS begins
)
INSERT INTO consumed_offsets AS stored (consumer_group, topic, partition, next_offset)
SELECT consumer_group, topic, partition, begins FROM noted ORDER BY consumer_group, topic, partition
    ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = excluded.next_offset
RETURNING consumer_group, topic, partition;

-- name: list_open_recoveries
-- Once all that had been published is handled nothing is missing, wherever the last record lay.
SELECT consumer_group, topic, partition, cause, stands AS stood, coalesce(o.next_offset, 0) AS stands,
       CASE WHEN u.caught_up_at > r.noticed_at THEN 0
            ELSE greatest(r.committed - coalesce(o.next_offset, 0), 0) END AS missing,
       r.committed, r.lost, r.found, r.keeps_from, r.noticed_at
  FROM recoveries r
  LEFT JOIN consumed_offsets o USING (consumer_group, topic, partition)
  LEFT JOIN caught_up u USING (consumer_group, topic, partition)
 WHERE r.accepted_at IS NULL
 ORDER BY missing DESC, topic, partition;

-- name: accept_recoveries!
UPDATE recoveries SET accepted_at = :now, accepted_by = :by
 WHERE accepted_at IS NULL
   AND (consumer_group, topic, partition, committed)
       IN (SELECT * FROM unnest(:groups::text[], :topics::text[], :partitions::integer[], :committed::bigint[]));

-- name: count_found!
UPDATE recoveries SET found = found + :found
 WHERE accepted_at IS NULL AND consumer_group = :group AND topic = :topic AND partition = :partition;
