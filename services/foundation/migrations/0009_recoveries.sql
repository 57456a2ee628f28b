-- What a database did not know that its consumers had read already: it was restored, or is new. It is read again up to
-- `committed`; what the service itself had done since then is in no topic that it reads, so somebody says to go on.

CREATE TABLE recoveries (
    consumer_group text        NOT NULL,
    topic          text        NOT NULL,
    partition      integer     NOT NULL,
    stands         bigint      NOT NULL,
    committed      bigint      NOT NULL,
    noticed_at     timestamptz NOT NULL,
    accepted_at    timestamptz,
    accepted_by    text,
    CONSTRAINT noticed_once PRIMARY KEY (consumer_group, topic, partition, committed),
    CONSTRAINT behind_what_was_committed CHECK (stands < committed),
    CONSTRAINT accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
