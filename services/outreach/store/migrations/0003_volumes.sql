-- How many messages each play began in each hour: what the volume brake compares.

CREATE TABLE volumes (
    play     text NOT NULL,
    hour     timestamptz NOT NULL,
    messages bigint NOT NULL,
    PRIMARY KEY (play, hour)
);
