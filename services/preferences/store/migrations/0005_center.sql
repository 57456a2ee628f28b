-- What the preference center needs: whom a link names, what was chosen by one, who failed the light check.

-- The key by which links name people and addresses; null while no center is configured. One row, there from the
-- beginning: whoever names an address shares its lock, so that none is left out while the key changes.
CREATE TABLE link_keys (
    there_is boolean DEFAULT true CONSTRAINT one_key PRIMARY KEY CONSTRAINT never_without CHECK (there_is),
    key      bytea,
    -- Whether everybody who was known when the key came has been named by it.
    is_whole boolean NOT NULL DEFAULT false
);

INSERT INTO link_keys DEFAULT VALUES;

-- Kept though somebody has the address no more: they can stop what still comes there.
CREATE TABLE links (
    name      bytea NOT NULL,
    person_id text  NOT NULL,
    address   text  NOT NULL,
    CONSTRAINT one_link_to_an_address PRIMARY KEY (name, person_id, address)
);

CREATE INDEX links_of_a_person ON links (person_id);

-- What was chosen on a page, to say afterwards what took effect, and to take it back within a day.
CREATE TABLE choices (
    choice_id text        CONSTRAINT one_choice PRIMARY KEY,
    person_id text        NOT NULL,
    address   text        NOT NULL,
    -- Whether the light check had been passed.
    is_known  boolean     NOT NULL,
    form      jsonb       NOT NULL,
    -- What is to be said to take it back; nothing where nothing was changed.
    undoing   jsonb       NOT NULL,
    made_at   timestamptz NOT NULL,
    undone_at timestamptz,
    CONSTRAINT undone_after_made CHECK (undone_at >= made_at)
);

CREATE INDEX choices_of_a_person ON choices (person_id, made_at);
CREATE INDEX choices_by_age ON choices (made_at);

-- Wrong answers to the light check: how many in a row, when the last one came, and until when none is looked at.
CREATE TABLE light_checks (
    person_id text        CONSTRAINT one_count_per_person PRIMARY KEY,
    wrong     integer     NOT NULL CONSTRAINT counts_wrong_answers CHECK (wrong > 0),
    last_at   timestamptz NOT NULL,
    closed_until timestamptz NOT NULL
);

CREATE INDEX light_checks_by_end ON light_checks (closed_until);
