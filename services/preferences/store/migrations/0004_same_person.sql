-- Which other ids are the same person, as the record says, so that a circle is found without reading records.

ALTER TABLE people ADD same_as text[] NOT NULL DEFAULT '{}';
