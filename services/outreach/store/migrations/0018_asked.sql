-- What a person asked a human for on a page, heard with their snapshot, and when they would like to talk.

ALTER TABLE waiting_replies ADD asked text[] NOT NULL DEFAULT '{}';
ALTER TABLE waiting_replies ADD wish text;
