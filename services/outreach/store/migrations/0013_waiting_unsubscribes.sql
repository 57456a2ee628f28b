-- Who asked by a link for no more email, from the moment it is heard until it is bound: keeping it here needs nobody's
-- lock, and while it is here no email goes to that address, nor to that person.
CREATE TABLE waiting_unsubscribes (
    person_id text        NOT NULL,
    address   text        NOT NULL,
    heard_at  timestamptz NOT NULL,
    CONSTRAINT one_wait_per_link PRIMARY KEY (address, person_id)
);
CREATE INDEX waiting_unsubscribes_of_a_person ON waiting_unsubscribes (person_id);
