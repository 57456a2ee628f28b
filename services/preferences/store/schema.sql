-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.


CREATE TABLE known_topics (
    topic text NOT NULL,
    topic_id text NOT NULL
);

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

CREATE TABLE published_offsets (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT published_offsets_count_from_zero CHECK ((next_offset >= 0))
)
WITH (fillfactor='50');

ALTER TABLE ONLY published_offsets
    ADD CONSTRAINT one_end_per_partition PRIMARY KEY (topic, partition);

ALTER TABLE ONLY known_topics
    ADD CONSTRAINT one_id_per_topic PRIMARY KEY (topic);

ALTER TABLE ONLY people
    ADD CONSTRAINT one_record_per_person PRIMARY KEY (person_id);
