-- Records that nobody could read, kept whole until somebody decides about them.

CREATE TABLE quarantine (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic         text        NOT NULL,
    partition     integer     NOT NULL,
    record_offset bigint      NOT NULL,
    key           bytea,
    value         bytea,
    headers       jsonb       NOT NULL,
    reason        text        NOT NULL,
    problem       text        NOT NULL,
    person        text,
    state         text        NOT NULL DEFAULT 'open'
                  CONSTRAINT state_is_known CHECK (state IN ('open', 'replayed', 'dismissed')),
    kept_at       timestamptz NOT NULL,
    closed_at     timestamptz,
    closed_by     text,
    -- Offsets begin again when a topic is made anew, so the content is part of the identity.
    digest        bytea       NOT NULL GENERATED ALWAYS AS
                  (sha256(coalesce(key, '') || '\x00'::bytea || coalesce(value, ''))) STORED,
    CONSTRAINT kept_once UNIQUE (topic, partition, record_offset, digest),
    CONSTRAINT closed_says_when CHECK ((state = 'open') = (closed_at IS NULL))
);

CREATE INDEX quarantine_keys_waiting ON quarantine (person) WHERE state = 'open';
CREATE INDEX quarantine_open ON quarantine (id) WHERE state = 'open';
