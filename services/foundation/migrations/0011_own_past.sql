-- How far this database knows what was published from its outbox: what Kafka has beyond is its own past, published
-- by what a restore took back.

CREATE TABLE published_offsets (
    topic       text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL CONSTRAINT published_offsets_count_from_zero CHECK (next_offset >= 0),
    CONSTRAINT one_end_per_partition PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Which topic a name stood for when it was looked at last: a topic that is made anew under its name gets another id.
CREATE TABLE known_topics (
    topic    text NOT NULL,
    topic_id text NOT NULL,
    CONSTRAINT one_id_per_topic PRIMARY KEY (topic)
);

-- `cause`: why it is missing. `lost`: how many records Kafka kept no longer, the oldest that it keeps being of
-- `keeps_from`. `found`: how many of those read back said something new.
ALTER TABLE recoveries
    ADD COLUMN cause      text        NOT NULL DEFAULT 'behind',
    ADD COLUMN lost       bigint      NOT NULL DEFAULT 0,
    ADD COLUMN found      bigint      NOT NULL DEFAULT 0,
    ADD COLUMN keeps_from timestamptz,
    ADD CONSTRAINT missing_for_a_known_cause CHECK (cause IN ('behind', 'own_past', 'forgotten', 'recreated')),
    DROP CONSTRAINT behind_what_was_committed,
    ADD CONSTRAINT behind_what_was_committed CHECK (stands < committed OR (cause = 'recreated' AND stands = committed)),
    DROP CONSTRAINT noticed_once;

-- A topic may be made anew more than once, so only what is open is noticed once.
CREATE UNIQUE INDEX noticed_once ON recoveries (consumer_group, topic, partition, committed) WHERE accepted_at IS NULL;
