-- Erasures that wait: something known here alone, as a disputed debt, forbids them until it is over.

CREATE TABLE deferred_erasures (
    person_id text        CONSTRAINT one_deferred_erasure_per_person PRIMARY KEY,
    version   bigint      NOT NULL,
    erased_at timestamptz NOT NULL,
    heard_at  timestamptz NOT NULL
);

-- How many rows of each kind there were of somebody when they were erased.
ALTER TABLE erased_people ADD COLUMN held json;
