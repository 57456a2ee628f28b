-- Keys whose links work beside those of the one in use, so that a new key takes its place and no link is lost.
ALTER TABLE link_keys ADD COLUMN others bytea[] NOT NULL DEFAULT '{}';

-- In which browser something was chosen: there it is offered to be taken back, whoever holds the link elsewhere.
ALTER TABLE choices ADD COLUMN session bytea;
