-- name: count_messages!
-- In one order for everybody, so that two replicas wait and do not deadlock.
INSERT INTO volumes AS old (play, hour, messages)
SELECT play, date_trunc('hour', :now::timestamptz, 'UTC'), messages
  FROM unnest(:plays::text[], :counts::bigint[]) AS begun (play, messages)
 ORDER BY play
    ON CONFLICT (play, hour) DO UPDATE SET messages = old.messages + excluded.messages;

-- name: pause_leaping_plays
-- A play that staff resumed within a day was looked at, and may go on.
INSERT INTO pauses (play, paused_at, paused_by)
SELECT play, :now::timestamptz, :by
  FROM (SELECT play, coalesce(sum(messages) FILTER (WHERE hour = this_hour), 0) AS begun,
               coalesce(max(messages) FILTER (WHERE hour < this_hour), 0) AS busiest
          FROM volumes, date_trunc('hour', :now::timestamptz, 'UTC') AS this_hour
         WHERE hour > this_hour - :past::interval
         GROUP BY play) AS counted
 WHERE begun > greatest(:least::bigint, :factor::float8 * busiest)
   AND NOT EXISTS (SELECT FROM pauses
                    WHERE pauses.play = counted.play AND creditor IS NULL AND channel IS NULL
                      AND (resumed_at IS NULL OR resumed_at > :now::timestamptz - '1 day'::interval))
RETURNING play;

-- name: forget_volumes!
DELETE FROM volumes WHERE hour < :before;
