-- name: read_states
-- Partitions of which nobody ever said anything make the whole topic unknown.
SELECT given.consumer_group, given.topic,
       CASE WHEN count(caught_up.partition) >= given.partitions THEN min(caught_up.caught_up_at) END AS known_until,
       (SELECT min(floods.stopped_at) FROM floods
         WHERE floods.consumer_group = given.consumer_group AND floods.topic = given.topic
           AND floods.resumed_at IS NULL) AS stopped_at
  FROM unnest(:groups::text[], :topics::text[], :partitions::integer[])
       WITH ORDINALITY AS given (consumer_group, topic, partitions, place)
  LEFT JOIN caught_up USING (consumer_group, topic)
 GROUP BY given.place, given.consumer_group, given.topic, given.partitions
 ORDER BY given.place;
