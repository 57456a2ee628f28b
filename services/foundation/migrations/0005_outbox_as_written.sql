-- The relay passes data on as it was written and nothing ever looks into it, so it is not taken apart.

ALTER TABLE outbox ALTER COLUMN data TYPE json;
