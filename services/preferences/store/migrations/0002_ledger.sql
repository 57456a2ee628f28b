-- Contracts: a release before this one changes people and keeps no entry of what was said.
-- Everything said about a person, kept as it was said: people.record is what these entries fold to.

CREATE TABLE entries (
    -- Drawn under a lock that is held until the commit, so no entry appears below one that was read.
    number      bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT one_place_in_the_ledger PRIMARY KEY,
    person_id   text        NOT NULL,
    type        text        NOT NULL,
    data        jsonb       NOT NULL,
    source      text        NOT NULL,
    event_id    text        NOT NULL,
    said_by     text        NOT NULL
                CONSTRAINT speaker_is_known CHECK (said_by IN ('person', 'agent', 'system', 'outreach')),
    speaker     text,
    way         text        NOT NULL,
    caller      text        NOT NULL,
    evidence    jsonb       NOT NULL DEFAULT '[]',
    happened_at timestamptz NOT NULL,
    heard_at    timestamptz NOT NULL,
    CONSTRAINT nothing_happens_after_it_is_heard CHECK (happened_at <= heard_at)
);

CREATE INDEX entries_of_a_person ON entries (person_id, number);

-- Of what was known before there was a ledger, each register becomes an entry, heard when it was.
INSERT INTO entries (person_id, type, data, source, event_id, said_by, way, caller, happened_at, heard_at)
SELECT person_id, 'register.carried',
       jsonb_build_object('register', jsonb_build_object('name', name, 'stamp', kept -> 0, 'value', kept -> 1)),
       kept #>> '{0,1}', kept #>> '{0,2}', 'system', 'event', 'an earlier release',
       least((kept #>> '{0,0}')::timestamptz, hearing.heard_at), hearing.heard_at
  FROM people
 CROSS JOIN LATERAL jsonb_each(record) AS register (name, kept)
 CROSS JOIN LATERAL (SELECT least(coalesce(kept #>> '{0,3}', kept #>> '{0,0}')::timestamptz, now()) AS heard_at)
       AS hearing
 ORDER BY person_id, hearing.heard_at, name;

-- Grants keep the service's own role from it (`preferences grant`); this keeps the tables' owner from it too.
CREATE FUNCTION refuse_to_change_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to: write an entry that corrects the other'
          USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER entries_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
