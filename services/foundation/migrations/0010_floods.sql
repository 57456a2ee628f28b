-- Where reading stopped because too much in a row could not be read, until somebody says to go on: every
-- replica of the group stops with the first, and a restart does not go on by itself.

CREATE TABLE floods (
    consumer_group text        NOT NULL,
    topic          text        NOT NULL,
    stopped_at     timestamptz NOT NULL,
    resumed_at     timestamptz,
    resumed_by     text,
    CONSTRAINT stopped_once PRIMARY KEY (consumer_group, topic, stopped_at),
    CONSTRAINT resumed_by_somebody CHECK ((resumed_at IS NULL) = (resumed_by IS NULL))
);

CREATE UNIQUE INDEX one_open_flood_per_topic ON floods (consumer_group, topic) WHERE resumed_at IS NULL;
