-- What is to be published. Written in the transaction that made it true; deleted by the relay
-- once Kafka has it.

CREATE TABLE outbox_heads (
    topic    text   NOT NULL,
    key      text   NOT NULL,
    sequence bigint NOT NULL CONSTRAINT sequence_counts_from_one CHECK (sequence >= 1),
    CONSTRAINT one_head_per_key PRIMARY KEY (topic, key)
);

CREATE TABLE outbox (
    position    bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT published_in_this_order PRIMARY KEY,
    topic       text        NOT NULL,
    key         text        NOT NULL,
    sequence    bigint      NOT NULL CONSTRAINT sequence_counts_from_one CHECK (sequence >= 1),
    type        text        NOT NULL,
    source      text        NOT NULL,
    subject     text        NOT NULL,
    occurred_at timestamptz NOT NULL,
    data        jsonb       NOT NULL,
    CONSTRAINT one_entry_per_sequence UNIQUE (topic, key, sequence)
);

-- Rows live for milliseconds and the relay always reads the front: dead ones must go early.
ALTER TABLE outbox SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 20000
);
ALTER TABLE outbox_heads SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
