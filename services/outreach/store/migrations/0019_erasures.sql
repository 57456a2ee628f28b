-- Who was erased: nothing that comes of them counts any more, unless a debt is placed that is younger, or they return.

CREATE TABLE erased_people (
    person_id   text        CONSTRAINT one_erasure_per_person PRIMARY KEY,
    version     bigint      NOT NULL,
    erased_at   timestamptz NOT NULL,
    returned_at timestamptz
);
