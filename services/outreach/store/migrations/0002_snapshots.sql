-- The row that every writer locks and whose revision every fact raises stays small: what preferences published of a
-- person moves to a table of its own. Documents that are only ever stored and read whole are kept as they were
-- written, which is several times cheaper than taking them apart.

CREATE TABLE snapshots (
    person_id text PRIMARY KEY,
    version   bigint NOT NULL,
    snapshot  json NOT NULL,
    heard_at  timestamptz NOT NULL
);

INSERT INTO snapshots (person_id, version, snapshot, heard_at)
SELECT person_id, snapshot_version, snapshot::json, heard_at FROM people WHERE snapshot IS NOT NULL;

ALTER TABLE people DROP COLUMN snapshot, DROP COLUMN snapshot_version;
ALTER TABLE debts ALTER COLUMN facts TYPE json;
ALTER TABLE touches ALTER COLUMN details TYPE json;
