-- Who was erased, and what stays of their stops.

-- One row for each id that was ever erased. `returned_at`: they are a person of this agency again.
CREATE TABLE erasures (
    person_id   text        CONSTRAINT one_erasure_per_person PRIMARY KEY,
    erased_at   timestamptz NOT NULL,
    version     bigint      NOT NULL CONSTRAINT an_erasure_has_a_version CHECK (version >= 1),
    returned_at timestamptz,
    CONSTRAINT returned_after_it CHECK (returned_at >= erased_at)
);

-- Stops of people who were erased: the address, or the id, by a digest alone. Whoever comes with it meets the stop.
CREATE TABLE kept_stops (
    digest     text        NOT NULL CONSTRAINT a_digest_in_hexadecimal CHECK (digest ~ '^[0-9a-f]{64}$'),
    opt_out_id text        NOT NULL,
    channel    text        NOT NULL,
    kind       text        NOT NULL,
    origin     text        NOT NULL,
    at         timestamptz NOT NULL,
    heard_at   timestamptz NOT NULL,
    CONSTRAINT kept_once_per_digest PRIMARY KEY (digest, opt_out_id)
);

-- The key of those digests. Made now, so that every backup from here on has it; another one would recognize nothing.
CREATE TABLE stops_key (
    there_is boolean DEFAULT true CONSTRAINT one_key_of_stops PRIMARY KEY CONSTRAINT never_without_key CHECK (there_is),
    key      bytea   NOT NULL CONSTRAINT as_long_as_sha256 CHECK (length(key) = 32)
);

INSERT INTO stops_key (key)
SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

CREATE OR REPLACE FUNCTION refuse_to_change_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('preferences.erasing', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is only added to: write an entry that corrects the other'
          USING ERRCODE = 'restrict_violation';
END
$$;

-- The one way out of the ledger, for the service's own role too: of somebody alone of whom it is on record that they
-- were erased.
CREATE FUNCTION erase_entries(erased text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
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

DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION erase_entries(text) SET search_path = %I, pg_temp', current_schema());
END
$$;

REVOKE ALL ON FUNCTION erase_entries(text) FROM PUBLIC;
