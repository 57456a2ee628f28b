-- A touch's id is a digest of its person, debt, play and occasion, so the primary key alone keeps one touch
-- per occasion. The index of the four texts cost a third of each insert, and was written again at every change.
ALTER TABLE touches DROP CONSTRAINT one_touch_per_occasion;

-- Each touch is in one index of its person or the other: planning never reads through what is long past.
CREATE INDEX touches_past ON touches (person_id) WHERE status NOT IN ('planned', 'waiting', 'sending');
