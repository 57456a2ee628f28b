-- Where each consumer stands, written in the transaction that did the work: after a restore the
-- database says from which record on to read again.

CREATE TABLE consumed_offsets (
    consumer_group text    NOT NULL,
    topic          text    NOT NULL,
    partition      integer NOT NULL,
    next_offset    bigint  NOT NULL CONSTRAINT offsets_count_from_zero CHECK (next_offset >= 0),
    CONSTRAINT one_position_per_partition PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);

-- Until which instant a consumer has handled everything that had been published.
CREATE TABLE caught_up (
    consumer_group text        NOT NULL,
    topic          text        NOT NULL,
    partition      integer     NOT NULL,
    caught_up_at   timestamptz NOT NULL,
    CONSTRAINT one_instant_per_partition PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50);
