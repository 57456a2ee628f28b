-- name: lock_flows
-- After the people and what they share, never before; in order. Until the transaction ends nobody else counts or
-- adds under these names.
SELECT pg_advisory_xact_lock(hashtextextended(name, 19))
  FROM (SELECT name FROM unnest(:names::text[]) AS name ORDER BY name) AS sorted;

-- name: read_flows
SELECT name, minute, messages
  FROM flows
 WHERE name = ANY(:names::text[]) AND minute > :since::timestamptz
 ORDER BY name, minute;

-- name: add_to_flows!
INSERT INTO flows AS old (name, minute, messages)
SELECT name, date_trunc('minute', :now::timestamptz, 'UTC'), messages
  FROM unnest(:names::text[], :counts::bigint[]) AS begun (name, messages)
    ON CONFLICT (name, minute) DO UPDATE SET messages = old.messages + excluded.messages;

-- name: forget_flows!
DELETE FROM flows WHERE name = ANY(:names::text[]) AND minute <= :since::timestamptz;
