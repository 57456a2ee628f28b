-- A database of outreach as commit 28d21b8 (2026-11-22 10:00) migrated it, with a few rows.
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
-- Which events were heard: an event's id is unique within its source.

CREATE TABLE inbox (
    source   text        NOT NULL,
    event_id text        NOT NULL,
    heard_at timestamptz NOT NULL,
    CONSTRAINT heard_once PRIMARY KEY (source, event_id)
);

CREATE INDEX inbox_by_age ON inbox USING brin (heard_at);
-- The schedule and the memory. The constraints say the rules; a name says which.
-- No foreign key points to people: whoever writes about somebody holds the lock of that very row, and looking
-- it up again for each row written costs a third of the writing.

CREATE TABLE people (
    person_id        text PRIMARY KEY,
    -- Raised by everything that could change a decision; the gate compares it.
    revision         bigint NOT NULL DEFAULT 0,
    snapshot         jsonb,
    snapshot_version bigint NOT NULL DEFAULT 0,
    heard_at         timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE addresses (
    address   text NOT NULL,
    person_id text NOT NULL,
    channel   text NOT NULL CONSTRAINT addresses_have_a_sending_channel CHECK (channel IN ('sms', 'email')),
    PRIMARY KEY (address, person_id)
);
CREATE INDEX addresses_of_a_person ON addresses (person_id);

CREATE TABLE debts (
    person_id text NOT NULL,
    debt_id   text NOT NULL,
    facts     jsonb NOT NULL,
    PRIMARY KEY (person_id, debt_id)
) WITH (fillfactor = 80);

CREATE TABLE touches (
    touch_id    uuid PRIMARY KEY,
    person_id   text NOT NULL,
    debt_id     text NOT NULL,
    play        text NOT NULL,
    occasion    text NOT NULL,
    purpose     text NOT NULL,
    wording     text NOT NULL,
    channels    text[] NOT NULL,
    priority    smallint NOT NULL,
    patience    interval NOT NULL,
    fallback    interval,
    creditor    text NOT NULL,
    portfolio   text,
    role        text NOT NULL,
    in_reply_to timestamptz,
    details     jsonb NOT NULL,
    planned_for timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    status      text NOT NULL,
    reason      text,
    until       timestamptz,
    channel     text,
    attempt_id  uuid,
    tries       smallint NOT NULL DEFAULT 0,
    policy      text,
    changed_at  timestamptz NOT NULL,
    CONSTRAINT one_touch_per_occasion UNIQUE (person_id, debt_id, play, occasion),
    CONSTRAINT touches_have_a_known_status CHECK (status IN (
        'planned', 'waiting', 'sending', 'accepted', 'unknown', 'refused', 'delivered', 'undelivered',
        'suppressed', 'cancelled', 'expired')),
    CONSTRAINT waiting_has_a_reason CHECK (status <> 'waiting' OR reason IS NOT NULL),
    CONSTRAINT suppressed_has_a_reason CHECK (status <> 'suppressed' OR reason IS NOT NULL),
    CONSTRAINT sending_has_an_attempt CHECK (status <> 'sending' OR attempt_id IS NOT NULL),
    CONSTRAINT due_before_it_expires CHECK (planned_for < expires_at)
) WITH (
    fillfactor = 70,
    -- Dead entries at the head of the queue are what makes claims slow, so sweep early.
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000
);
CREATE INDEX touches_due ON touches (due_at) INCLUDE (person_id) WHERE status IN ('planned', 'waiting');
CREATE INDEX touches_unsent ON touches (person_id) WHERE status IN ('planned', 'waiting', 'sending');
CREATE INDEX touches_of_an_attempt ON touches (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE TABLE attempts (
    attempt_id          uuid PRIMARY KEY,
    touch_id            uuid NOT NULL,
    person_id           text NOT NULL,
    person_revision     bigint NOT NULL,
    policy              text NOT NULL,
    channel             text NOT NULL,
    provider            text NOT NULL,
    address             text NOT NULL,
    message             jsonb NOT NULL,
    wordings            text NOT NULL,
    decided_at          timestamptz NOT NULL,
    valid_until         timestamptz NOT NULL,
    leased_until        timestamptz NOT NULL,
    called_at           timestamptz,
    settled_at          timestamptz,
    outcome             text CONSTRAINT outcome_is_one_of_four
                        CHECK (outcome IN ('accepted', 'refused', 'not_sent', 'unknown')),
    code                text,
    provider_message_id text,
    receipt             text,
    receipt_at          timestamptz,
    CONSTRAINT settled_has_an_outcome CHECK ((settled_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT only_a_called_attempt_may_have_gone_out
        CHECK (called_at IS NOT NULL OR outcome IS NULL OR outcome = 'not_sent')
) WITH (fillfactor = 70);
CREATE INDEX attempts_unsettled ON attempts (leased_until) WHERE settled_at IS NULL;
CREATE INDEX attempts_of_a_person ON attempts (person_id, decided_at);
-- Not unique: a vendor that gave two messages one id must not keep either from being settled.
CREATE INDEX attempts_by_message ON attempts (provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX attempts_to_an_address ON attempts (address);

CREATE TABLE contacts (
    contact_id  text PRIMARY KEY,
    person_id   text NOT NULL,
    at          timestamptz NOT NULL,
    channel     text NOT NULL,
    direction   text NOT NULL,
    debts       text[] NOT NULL,
    purpose     text,
    outcome     text,
    in_reply_to timestamptz,
    key         text,
    address     text,
    attempt_id  uuid
);
CREATE INDEX ledger_of_a_person ON contacts (person_id, at);
CREATE INDEX ledger_of_an_address ON contacts (address, at) WHERE address IS NOT NULL;
CREATE INDEX ledger_of_an_attempt ON contacts (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE TABLE decisions (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    touch_id    uuid NOT NULL,
    person_id   text NOT NULL,
    channel     text NOT NULL,
    decided_at  timestamptz NOT NULL,
    decision    text NOT NULL CONSTRAINT decision_is_one_of_three CHECK (decision IN ('send', 'defer', 'suppress')),
    reasons     text[] NOT NULL,
    until       timestamptz,
    policy      text NOT NULL,
    digest      text NOT NULL,
    answers     jsonb NOT NULL,
    -- Everything the policy looked at, as one line of JSON: decided again, it must give the same answer.
    situation   bytea NOT NULL
);
CREATE INDEX decisions_of_a_touch ON decisions (touch_id);
CREATE INDEX decisions_by_age ON decisions USING brin (decided_at);

-- What binds a person or an address from the moment it is heard here, whatever a snapshot says later.
CREATE TABLE suppressions (
    suppression_id text PRIMARY KEY,
    person_id      text,
    address        text,
    channel        text,
    kind           text NOT NULL CONSTRAINT suppressions_have_a_known_kind
                   CHECK (kind IN ('opted_out', 'with_human', 'unreachable', 'wrong_party', 'hardship', 'dispute',
                                   'attorney_represented', 'pause')),
    origin         text NOT NULL,
    at             timestamptz NOT NULL,
    until          timestamptz,
    lifted_at      timestamptz,
    lifted_by      text,
    CONSTRAINT a_suppression_binds_somebody CHECK (person_id IS NOT NULL OR address IS NOT NULL),
    CONSTRAINT an_opt_out_names_its_channel CHECK (kind <> 'opted_out' OR channel IS NOT NULL)
);
CREATE INDEX suppressions_of_a_person ON suppressions (person_id) WHERE lifted_at IS NULL;
CREATE INDEX suppressions_of_an_address ON suppressions (address) WHERE lifted_at IS NULL;

-- Webhook requests that were taken: the answer may be given once the row is committed.
CREATE TABLE webhook_events (
    provider text NOT NULL,
    event_id text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX webhook_events_by_age ON webhook_events USING brin (at);

CREATE TABLE replies (
    reply_id    text PRIMARY KEY,
    person_id   text,
    channel     text NOT NULL,
    address     text NOT NULL,
    text        text NOT NULL,
    understood  text NOT NULL,
    needs_human boolean NOT NULL,
    received_at timestamptz NOT NULL,
    answered_at timestamptz
);
CREATE INDEX replies_of_a_person ON replies (person_id);

CREATE TABLE config_versions (
    version   text PRIMARY KEY,
    content   jsonb NOT NULL,
    loaded_at timestamptz NOT NULL,
    loaded_by text
);

CREATE TABLE config_in_force (
    one         boolean PRIMARY KEY DEFAULT true CONSTRAINT one_version_is_in_force CHECK (one),
    version     text NOT NULL REFERENCES config_versions,
    policy      text NOT NULL,
    switched_at timestamptz NOT NULL,
    -- Whether everybody's plan has been reconciled with its playbook.
    replanned   boolean NOT NULL DEFAULT false
);

CREATE TABLE pauses (
    pause_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    creditor   text,
    play       text,
    channel    text,
    paused_at  timestamptz NOT NULL,
    paused_by  text NOT NULL,
    resumed_at timestamptz
);

CREATE TABLE breakers (
    provider  text PRIMARY KEY,
    failures  integer NOT NULL DEFAULT 0,
    open_till timestamptz,
    changed_at timestamptz NOT NULL
);

CREATE TABLE replicas (
    replica_id text PRIMARY KEY,
    role       text NOT NULL,
    beat_at    timestamptz NOT NULL
);

CREATE TABLE foundation_migrations (version_num varchar(32) NOT NULL CONSTRAINT foundation_migrations_pkc PRIMARY KEY);
INSERT INTO foundation_migrations VALUES ('0004_inbox');
CREATE TABLE outreach_migrations (version_num varchar(32) NOT NULL CONSTRAINT outreach_migrations_pkc PRIMARY KEY);
INSERT INTO outreach_migrations VALUES ('0001_schedule');

INSERT INTO people (person_id, revision, snapshot, snapshot_version, heard_at)
VALUES ('ada', 3, '{"person_id": "ada", "version": 2}', 2, '2026-11-22T10:01Z');
INSERT INTO config_versions (version, content, loaded_at)
VALUES ('v1', '{}', '2026-11-22T10:00Z'), ('v2', '{}', '2026-11-22T10:02Z');
INSERT INTO config_in_force (version, policy, switched_at) VALUES ('v2', 'p2', '2026-11-22T10:02Z');
INSERT INTO contacts (contact_id, person_id, at, channel, direction, debts)
VALUES ('agency c1', 'ada', '2026-11-22T10:01Z', 'sms', 'outbound', '{d1}');
INSERT INTO inbox (source, event_id, heard_at) VALUES ('agency', 'e1', '2026-11-22T10:01Z');
INSERT INTO outbox_heads (topic, key, sequence) VALUES ('outreach.touches.v1', 'ada', 1);
INSERT INTO outbox (topic, key, sequence, type, source, subject, occurred_at, data)
VALUES ('outreach.touches.v1', 'ada', 1, 'touch.planned.v1', '/outreach', 'ada', '2026-11-22T10:01Z', '{}');
