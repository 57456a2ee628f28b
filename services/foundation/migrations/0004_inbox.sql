-- Which events were heard: an event's id is unique within its source.

CREATE TABLE inbox (
    source   text        NOT NULL,
    event_id text        NOT NULL,
    heard_at timestamptz NOT NULL,
    CONSTRAINT heard_once PRIMARY KEY (source, event_id)
);

CREATE INDEX inbox_by_age ON inbox USING brin (heard_at);
