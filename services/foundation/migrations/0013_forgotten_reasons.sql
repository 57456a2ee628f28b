-- What was done stands, but for the words that somebody who is erased may ask to be forgotten: the one way to them,
-- which the service's own role may take though it may change nothing else of the acts.

CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('foundation.forgetting', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what was done stands: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

-- Forgets why something was done about these subjects, in words that were free; that it was done stays. Where one of
-- these addresses stands in what it was about, that is forgotten too.
CREATE FUNCTION forget_reasons(subjects text[], addresses text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
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

-- Whoever calls it must not be able to have it look at tables of their own.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION forget_reasons(text[], text[]) SET search_path = %I, pg_temp', current_schema());
END
$$;

REVOKE ALL ON FUNCTION forget_reasons(text[], text[]) FROM PUBLIC;
