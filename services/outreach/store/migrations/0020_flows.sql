-- How many messages each creditor and play that has an hourly cap began in each minute. Named "creditor <id>"
-- and "play <name>".

CREATE TABLE flows (
    name     text NOT NULL,
    minute   timestamptz NOT NULL,
    messages bigint NOT NULL,
    PRIMARY KEY (name, minute)
);
