-- An event's id is drawn when it is appended, so that no two events ever share one, not even where a restored
-- database counts from an old sequence again. Entries of before keep the id that follows from their sequence: null
-- here, it is computed when they are published, so an upgrade gives no event a second id.

ALTER TABLE outbox ADD COLUMN event_id uuid;
