-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.


CREATE TABLE caught_up (
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    caught_up_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE consumed_offsets (
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT offsets_count_from_zero CHECK ((next_offset >= 0))
)
WITH (fillfactor='50');

CREATE TABLE inbox (
    source text NOT NULL,
    event_id text NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    digest bytea
);

CREATE TABLE outbox (
    "position" bigint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    data json NOT NULL,
    event_id uuid,
    CONSTRAINT sequence_counts_from_one CHECK ((sequence >= 1))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='20000');

CREATE TABLE outbox_heads (
    topic text NOT NULL,
    key text NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT sequence_counts_from_one CHECK ((sequence >= 1))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

ALTER TABLE outbox ALTER COLUMN "position" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME outbox_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE quarantine (
    id bigint NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    key bytea,
    value bytea,
    headers jsonb NOT NULL,
    reason text NOT NULL,
    problem text NOT NULL,
    person text,
    state text DEFAULT 'open'::text NOT NULL,
    kept_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    digest bytea GENERATED ALWAYS AS (sha256(((COALESCE(key, '\x'::bytea) || '\x00'::bytea) || COALESCE(value, '\x'::bytea)))) STORED NOT NULL,
    CONSTRAINT closed_says_when CHECK (((state = 'open'::text) = (closed_at IS NULL))),
    CONSTRAINT state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'replayed'::text, 'dismissed'::text])))
);

ALTER TABLE quarantine ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE recoveries (
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    stands bigint NOT NULL,
    committed bigint NOT NULL,
    noticed_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    accepted_by text,
    CONSTRAINT accepted_by_somebody CHECK (((accepted_at IS NULL) = (accepted_by IS NULL))),
    CONSTRAINT behind_what_was_committed CHECK ((stands < committed))
);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT heard_once PRIMARY KEY (source, event_id);

ALTER TABLE ONLY quarantine
    ADD CONSTRAINT kept_once UNIQUE (topic, partition, record_offset, digest);

ALTER TABLE ONLY recoveries
    ADD CONSTRAINT noticed_once PRIMARY KEY (consumer_group, topic, partition, committed);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT one_entry_per_sequence UNIQUE (topic, key, sequence);

ALTER TABLE ONLY outbox_heads
    ADD CONSTRAINT one_head_per_key PRIMARY KEY (topic, key);

ALTER TABLE ONLY caught_up
    ADD CONSTRAINT one_instant_per_partition PRIMARY KEY (consumer_group, topic, partition);

ALTER TABLE ONLY consumed_offsets
    ADD CONSTRAINT one_position_per_partition PRIMARY KEY (consumer_group, topic, partition);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT published_in_this_order PRIMARY KEY ("position");

ALTER TABLE ONLY quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);

CREATE INDEX inbox_by_age ON inbox USING brin (heard_at);

CREATE INDEX quarantine_keys_waiting ON quarantine USING btree (person) WHERE (state = 'open'::text);

CREATE INDEX quarantine_open ON quarantine USING btree (id) WHERE (state = 'open'::text);


CREATE TABLE applied_migrations (
    package text NOT NULL,
    revision text NOT NULL,
    checksum bytea NOT NULL,
    contracts boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY applied_migrations
    ADD CONSTRAINT applied_once PRIMARY KEY (package, revision);
