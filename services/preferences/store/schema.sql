-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.


CREATE TABLE people (
    person_id text NOT NULL,
    record jsonb DEFAULT '{}'::jsonb NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    digest bytea,
    met_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone,
    CONSTRAINT published_has_a_digest CHECK (((version = 0) = (digest IS NULL))),
    CONSTRAINT versions_count_from_zero CHECK ((version >= 0))
)
WITH (fillfactor='80');

ALTER TABLE ONLY people
    ADD CONSTRAINT one_record_per_person PRIMARY KEY (person_id);
