-- What was sent and what was answered are stored and read whole, so they are kept as they were written.

ALTER TABLE attempts ALTER COLUMN message TYPE json;
ALTER TABLE decisions ALTER COLUMN answers TYPE json;

-- An attempt knows its touch; an index the other way round was written anew with every change of a touch's status.
DROP INDEX touches_of_an_attempt;
