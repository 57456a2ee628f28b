-- How many versions of the config have been put in force: the number only grows, whatever the version.

ALTER TABLE config_in_force ADD COLUMN number bigint NOT NULL DEFAULT 1;
