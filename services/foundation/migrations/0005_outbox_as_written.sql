-- The relay passes data on as it was written and nothing ever looks into it, so it is not taken apart.
-- The subject of an event is its key: nobody ever published another.

ALTER TABLE outbox ALTER COLUMN data TYPE json, DROP COLUMN subject;
