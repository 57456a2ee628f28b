-- What was applied, by the digest of its text: a file changed afterwards is refused, for no database would follow it.
-- `contracts`: releases that do not know the migration cannot work with what it leaves.

CREATE TABLE applied_migrations (
    package    text        NOT NULL,
    revision   text        NOT NULL,
    checksum   bytea       NOT NULL,
    contracts  boolean     NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT applied_once PRIMARY KEY (package, revision)
);
