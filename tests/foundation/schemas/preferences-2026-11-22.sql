-- A database of preferences as commit 28d21b8 (2026-11-22 10:00) migrated it, with a few rows.
-- What is to be published. Written in the transaction that made it true; deleted by the relay
-- once Kafka has it.

CREATE TABLE outbox_heads (
    topic    text   NOT NULL,
    key      text   NOT NULL,
    sequence bigint NOT NULL CONSTRAINT sequence_counts_from_one CHECK (sequence >= 1),
    CONSTRAINT one_head_per_key PRIMARY KEY (topic, key)
);

CREATE TABLE outbox (
    position    bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT published_in_this_order PRIMARY KEY,
    topic       text        NOT NULL,
    key         text        NOT NULL,
    sequence    bigint      NOT NULL CONSTRAINT sequence_counts_from_one CHECK (sequence >= 1),
    type        text        NOT NULL,
    source      text        NOT NULL,
    subject     text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    data        jsonb       NOT NULL,
    CONSTRAINT one_entry_per_sequence UNIQUE (topic, key, sequence)
);

-- Rows live for milliseconds and the relay always reads the front: dead ones must go early.
ALTER TABLE outbox SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 20000
);
ALTER TABLE outbox_heads SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
-- Records that nobody could read, kept whole until somebody decides about them.

CREATE TABLE quarantine (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic         text        NOT NULL,
    partition     integer     NOT NULL,
    record_offset bigint      NOT NULL,
    key           bytea,
    value         bytea,
    headers       jsonb       NOT NULL,
    reason        text        NOT NULL,
    problem       text        NOT NULL,
    person        text,
    state         text        NOT NULL DEFAULT 'open'
                  CONSTRAINT state_is_known CHECK (state IN ('open', 'replayed', 'dismissed')),
    kept_at       timestamptz NOT NULL,
    closed_at     timestamptz,
    closed_by     text,
    -- Offsets begin again when a topic is made anew, so the content is part of the identity.
    digest        bytea       NOT NULL GENERATED ALWAYS AS
                  (sha256(coalesce(key, '') || '\x00'::bytea || coalesce(value, ''))) STORED,
    CONSTRAINT kept_once UNIQUE (topic, partition, record_offset, digest),
    CONSTRAINT closed_says_when CHECK ((state = 'open') = (closed_at IS NULL))
);

CREATE INDEX quarantine_keys_waiting ON quarantine (person) WHERE state = 'open';
CREATE INDEX quarantine_open ON quarantine (id) WHERE state = 'open';
-- Where each consumer stands, written in the transaction that did the work: after a restore the
-- database says from which record on to read again.

CREATE TABLE consumed_offsets (
    consumer_group text    NOT NULL,
    topic          text    NOT NULL,
    partition      integer NOT NULL,
    next_offset    bigint  NOT NULL CONSTRAINT offsets_count_from_zero CHECK (next_offset >= 0),
    CONSTRAINT one_position_per_partition PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);

-- Until which instant a consumer has handled everything that had been published.
CREATE TABLE caught_up (
    consumer_group text        NOT NULL,
    topic          text        NOT NULL,
    partition      integer     NOT NULL,
    caught_up_at   timestamptz NOT NULL,
    CONSTRAINT one_instant_per_partition PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);
-- Which events were heard: an event's id is unique within its source.

CREATE TABLE inbox (
    source   text        NOT NULL,
    event_id text        NOT NULL,
    heard_at timestamptz NOT NULL,
    CONSTRAINT heard_once PRIMARY KEY (source, event_id)
);

CREATE INDEX inbox_by_age ON inbox USING brin (heard_at);
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

CREATE TABLE foundation_migrations (version_num varchar(32) NOT NULL CONSTRAINT foundation_migrations_pkc PRIMARY KEY);
INSERT INTO foundation_migrations VALUES ('0004_inbox');
CREATE TABLE preferences_migrations (version_num varchar(32) NOT NULL CONSTRAINT preferences_migrations_pkc PRIMARY KEY);
INSERT INTO preferences_migrations VALUES ('0001_people');

INSERT INTO people (person_id, met_at) VALUES ('ada', '2026-11-22T10:01Z');
