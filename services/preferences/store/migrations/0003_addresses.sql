-- By which addresses a person is known, each in its one canonical form, so that any spelling finds them.
-- Null until they are drawn again: whoever changes is, and `preferences rebuild` draws everybody.

ALTER TABLE people ADD addresses text[];

CREATE INDEX people_by_address ON people USING gin (addresses);
