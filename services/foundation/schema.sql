-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.


CREATE FUNCTION forget_reasons(subjects text[], addresses text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM set_config('foundation.forgetting', pg_current_xact_id()::text, true);
    UPDATE acts SET reason = NULL
     WHERE reason IS NOT NULL AND act NOT IN ('erase', 'readmit')
       AND (subject = ANY (subjects) OR (act IN ('merge', 'separate') AND split_part(reason, ': ', 1) = ANY (subjects)));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    UPDATE acts SET reason = NULL, subject = 'erased'
     WHERE EXISTS (SELECT FROM unnest(addresses) AS address WHERE position(address IN subject) > 0);
    PERFORM set_config('foundation.forgetting', '', true);
    RETURN forgotten;
END
$$;

CREATE FUNCTION refuse_to_rewrite() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('foundation.forgetting', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what was done stands: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TABLE acts (
    act_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    known_by text NOT NULL,
    act text NOT NULL,
    subject text,
    reason text,
    CONSTRAINT known_by_token_or_system CHECK ((known_by = ANY (ARRAY['token'::text, 'system_user'::text])))
);

ALTER TABLE acts ALTER COLUMN act_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME acts_act_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

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

CREATE TABLE floods (
    consumer_group text NOT NULL,
    topic text NOT NULL,
    stopped_at timestamp with time zone NOT NULL,
    resumed_at timestamp with time zone,
    resumed_by text,
    CONSTRAINT resumed_by_somebody CHECK (((resumed_at IS NULL) = (resumed_by IS NULL)))
);

CREATE TABLE inbox (
    source text NOT NULL,
    event_id text NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    digest bytea
);

CREATE TABLE known_topics (
    topic text NOT NULL,
    topic_id text NOT NULL
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

CREATE TABLE published_offsets (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    CONSTRAINT published_offsets_count_from_zero CHECK ((next_offset >= 0))
)
WITH (fillfactor='50');

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
    cause text DEFAULT 'behind'::text NOT NULL,
    lost bigint DEFAULT 0 NOT NULL,
    found bigint DEFAULT 0 NOT NULL,
    keeps_from timestamp with time zone,
    CONSTRAINT accepted_by_somebody CHECK (((accepted_at IS NULL) = (accepted_by IS NULL))),
    CONSTRAINT behind_what_was_committed CHECK (((stands < committed) OR ((cause = 'recreated'::text) AND (stands = committed)))),
    CONSTRAINT missing_for_a_known_cause CHECK ((cause = ANY (ARRAY['behind'::text, 'own_past'::text, 'forgotten'::text, 'recreated'::text])))
);

CREATE TABLE tokens (
    name text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    per_second real NOT NULL,
    minted_at timestamp with time zone NOT NULL,
    minted_by text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT allows_something CHECK (((cardinality(scopes) > 0) AND (per_second > (0)::double precision))),
    CONSTRAINT revoked_by_somebody CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT sha256 CHECK ((length(digest) = 32))
);

ALTER TABLE ONLY acts
    ADD CONSTRAINT acts_pkey PRIMARY KEY (act_id);

ALTER TABLE ONLY inbox
    ADD CONSTRAINT heard_once PRIMARY KEY (source, event_id);

ALTER TABLE ONLY quarantine
    ADD CONSTRAINT kept_once UNIQUE (topic, partition, record_offset, digest);

ALTER TABLE ONLY published_offsets
    ADD CONSTRAINT one_end_per_partition PRIMARY KEY (topic, partition);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT one_entry_per_sequence UNIQUE (topic, key, sequence);

ALTER TABLE ONLY outbox_heads
    ADD CONSTRAINT one_head_per_key PRIMARY KEY (topic, key);

ALTER TABLE ONLY known_topics
    ADD CONSTRAINT one_id_per_topic PRIMARY KEY (topic);

ALTER TABLE ONLY caught_up
    ADD CONSTRAINT one_instant_per_partition PRIMARY KEY (consumer_group, topic, partition);

ALTER TABLE ONLY consumed_offsets
    ADD CONSTRAINT one_position_per_partition PRIMARY KEY (consumer_group, topic, partition);

ALTER TABLE ONLY outbox
    ADD CONSTRAINT published_in_this_order PRIMARY KEY ("position");

ALTER TABLE ONLY quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);

ALTER TABLE ONLY floods
    ADD CONSTRAINT stopped_once PRIMARY KEY (consumer_group, topic, stopped_at);

ALTER TABLE ONLY tokens
    ADD CONSTRAINT tokens_digest_key UNIQUE (digest);

ALTER TABLE ONLY tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (name);

CREATE INDEX acts_on ON acts USING btree (subject, act_id);

CREATE INDEX inbox_by_age ON inbox USING brin (heard_at);

CREATE UNIQUE INDEX noticed_once ON recoveries USING btree (consumer_group, topic, partition, committed) WHERE (accepted_at IS NULL);

CREATE UNIQUE INDEX one_open_flood_per_topic ON floods USING btree (consumer_group, topic) WHERE (resumed_at IS NULL);

CREATE INDEX quarantine_keys_waiting ON quarantine USING btree (person) WHERE (state = 'open'::text);

CREATE INDEX quarantine_open ON quarantine USING btree (id) WHERE (state = 'open'::text);

CREATE TRIGGER acts_stand BEFORE DELETE OR UPDATE OR TRUNCATE ON acts FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();


CREATE TABLE applied_migrations (
    package text NOT NULL,
    revision text NOT NULL,
    checksum bytea NOT NULL,
    contracts boolean NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY applied_migrations
    ADD CONSTRAINT applied_once PRIMARY KEY (package, revision);
