-- What is remembered of each person, and how far it has been told.

CREATE TABLE people (
    person_id  text        CONSTRAINT one_record_per_person PRIMARY KEY,
    record     jsonb       NOT NULL DEFAULT '{}',
    -- Of the snapshot last published: it only grows.
    version    bigint      NOT NULL DEFAULT 0 CONSTRAINT versions_count_from_zero CHECK (version >= 0),
    -- Of its content, so that nothing is published that says the same again.
    digest     bytea,
    met_at     timestamptz NOT NULL,
    changed_at timestamptz,
    CONSTRAINT published_has_a_digest CHECK ((version = 0) = (digest IS NULL))
) WITH (fillfactor = 80);
