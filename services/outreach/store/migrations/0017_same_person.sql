-- Which ids are the same person, as the newest snapshot of each says. Said of one, it holds for both.

CREATE TABLE same_people (
    person_id text NOT NULL,
    other     text NOT NULL,
    CONSTRAINT said_once_of_each_other PRIMARY KEY (person_id, other),
    CONSTRAINT nobody_is_their_own_other CHECK (person_id <> other)
);

CREATE INDEX same_people_by_other ON same_people (other);

CREATE VIEW other_ids AS
SELECT person_id, other FROM same_people
 UNION
SELECT other, person_id FROM same_people;
