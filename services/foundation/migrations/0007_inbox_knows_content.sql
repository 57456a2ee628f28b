-- What an event said, so that another under the same id is noticed. Null: heard by a release that kept none.

ALTER TABLE inbox ADD COLUMN digest bytea;
