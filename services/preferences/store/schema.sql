-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.


CREATE FUNCTION erase_entries(erased text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    gone bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM erasures WHERE person_id = erased AND returned_at IS NULL) THEN
        RAISE EXCEPTION 'nobody may be erased without a record of it' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('preferences.erasing', pg_current_xact_id()::text, true);
    DELETE FROM entries WHERE person_id = erased;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('preferences.erasing', '', true);
    RETURN gone;
END
$$;

CREATE FUNCTION refuse_to_change_entries() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('preferences.erasing', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is only added to: write an entry that corrects the other'
          USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TABLE choices (
    choice_id text NOT NULL,
    person_id text NOT NULL,
    address text NOT NULL,
    is_known boolean NOT NULL,
    form jsonb NOT NULL,
    undoing jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    session bytea,
    CONSTRAINT undone_after_made CHECK ((undone_at >= made_at))
);

CREATE TABLE entries (
    number bigint NOT NULL,
    person_id text NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    said_by text NOT NULL,
    speaker text,
    way text NOT NULL,
    caller text NOT NULL,
    evidence jsonb DEFAULT '[]'::jsonb NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    CONSTRAINT nothing_happens_after_it_is_heard CHECK ((happened_at <= heard_at)),
    CONSTRAINT speaker_is_known CHECK ((said_by = ANY (ARRAY['person'::text, 'agent'::text, 'system'::text, 'outreach'::text])))
);

ALTER TABLE entries ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME entries_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE erasures (
    person_id text NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    returned_at timestamp with time zone,
    CONSTRAINT an_erasure_has_a_version CHECK ((version >= 1)),
    CONSTRAINT returned_after_it CHECK ((returned_at >= erased_at))
);

CREATE TABLE kept_stops (
    digest text NOT NULL,
    opt_out_id text NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    origin text NOT NULL,
    at timestamp with time zone NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    CONSTRAINT a_digest_in_hexadecimal CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE light_checks (
    person_id text NOT NULL,
    wrong integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    closed_until timestamp with time zone NOT NULL,
    CONSTRAINT counts_wrong_answers CHECK ((wrong > 0))
);

CREATE TABLE link_keys (
    there_is boolean DEFAULT true NOT NULL,
    key bytea,
    is_whole boolean DEFAULT false NOT NULL,
    others bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    CONSTRAINT never_without CHECK (there_is)
);

CREATE TABLE links (
    name bytea NOT NULL,
    person_id text NOT NULL,
    address text NOT NULL
);

CREATE TABLE people (
    person_id text NOT NULL,
    record jsonb DEFAULT '{}'::jsonb NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    digest bytea,
    met_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone,
    addresses text[],
    same_as text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT published_has_a_digest CHECK (((version = 0) = (digest IS NULL))),
    CONSTRAINT versions_count_from_zero CHECK ((version >= 0))
)
WITH (fillfactor='80');

CREATE TABLE stops_key (
    there_is boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT as_long_as_sha256 CHECK ((length(key) = 32)),
    CONSTRAINT never_without_key CHECK (there_is)
);

ALTER TABLE ONLY kept_stops
    ADD CONSTRAINT kept_once_per_digest PRIMARY KEY (digest, opt_out_id);

ALTER TABLE ONLY choices
    ADD CONSTRAINT one_choice PRIMARY KEY (choice_id);

ALTER TABLE ONLY light_checks
    ADD CONSTRAINT one_count_per_person PRIMARY KEY (person_id);

ALTER TABLE ONLY erasures
    ADD CONSTRAINT one_erasure_per_person PRIMARY KEY (person_id);

ALTER TABLE ONLY link_keys
    ADD CONSTRAINT one_key PRIMARY KEY (there_is);

ALTER TABLE ONLY stops_key
    ADD CONSTRAINT one_key_of_stops PRIMARY KEY (there_is);

ALTER TABLE ONLY links
    ADD CONSTRAINT one_link_to_an_address PRIMARY KEY (name, person_id, address);

ALTER TABLE ONLY entries
    ADD CONSTRAINT one_place_in_the_ledger PRIMARY KEY (number);

ALTER TABLE ONLY people
    ADD CONSTRAINT one_record_per_person PRIMARY KEY (person_id);

CREATE INDEX choices_by_age ON choices USING btree (made_at);

CREATE INDEX choices_of_a_person ON choices USING btree (person_id, made_at);

CREATE INDEX entries_of_a_person ON entries USING btree (person_id, number);

CREATE INDEX light_checks_by_end ON light_checks USING btree (closed_until);

CREATE INDEX links_of_a_person ON links USING btree (person_id);

CREATE INDEX people_by_address ON people USING gin (addresses);

CREATE TRIGGER entries_never_change BEFORE DELETE OR UPDATE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
