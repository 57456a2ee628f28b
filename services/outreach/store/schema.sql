-- The sum of the migrations, written by scripts/write_schemas.py: to be read, never to be applied.


CREATE TABLE addresses (
    address text NOT NULL,
    person_id text NOT NULL,
    channel text NOT NULL,
    digest text,
    CONSTRAINT addresses_have_a_sending_channel CHECK ((channel = ANY (ARRAY['sms'::text, 'email'::text])))
);

CREATE TABLE attempts (
    attempt_id uuid NOT NULL,
    touch_id uuid NOT NULL,
    person_id text NOT NULL,
    person_revision bigint NOT NULL,
    policy text NOT NULL,
    channel text NOT NULL,
    provider text NOT NULL,
    address text NOT NULL,
    message json NOT NULL,
    wordings text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    leased_until timestamp with time zone NOT NULL,
    called_at timestamp with time zone,
    settled_at timestamp with time zone,
    outcome text,
    code text,
    provider_message_id text,
    receipt text,
    receipt_at timestamp with time zone,
    others uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    address_digest text,
    CONSTRAINT only_a_called_attempt_may_have_gone_out CHECK (((called_at IS NOT NULL) OR (outcome IS NULL) OR (outcome = 'not_sent'::text))),
    CONSTRAINT outcome_is_one_of_four CHECK ((outcome = ANY (ARRAY['accepted'::text, 'refused'::text, 'not_sent'::text, 'unknown'::text]))),
    CONSTRAINT settled_has_an_outcome CHECK (((settled_at IS NULL) = (outcome IS NULL)))
)
WITH (fillfactor='70');

CREATE TABLE breakers (
    provider text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    open_till timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    trial uuid
);

CREATE TABLE config_in_force (
    one boolean DEFAULT true NOT NULL,
    version text NOT NULL,
    policy text NOT NULL,
    switched_at timestamp with time zone NOT NULL,
    replanned boolean DEFAULT false NOT NULL,
    number bigint DEFAULT 1 NOT NULL,
    CONSTRAINT one_version_is_in_force CHECK (one)
);

CREATE TABLE config_versions (
    version text NOT NULL,
    policy text NOT NULL,
    content jsonb NOT NULL,
    loaded_at timestamp with time zone NOT NULL,
    loaded_by text
);

CREATE TABLE contacts (
    contact_id text NOT NULL,
    person_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    channel text NOT NULL,
    direction text NOT NULL,
    debts text[] NOT NULL,
    purpose text,
    outcome text,
    in_reply_to timestamp with time zone,
    key text,
    address text,
    attempt_id uuid,
    creditor text
);

CREATE TABLE debts (
    person_id text NOT NULL,
    debt_id text NOT NULL,
    facts json NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE decisions (
    decision_id bigint NOT NULL,
    touch_id uuid NOT NULL,
    person_id text NOT NULL,
    channel text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    decision text NOT NULL,
    reasons text[] NOT NULL,
    until timestamp with time zone,
    policy text NOT NULL,
    digest text NOT NULL,
    answers json NOT NULL,
    situation bytea NOT NULL,
    CONSTRAINT decision_is_one_of_three CHECK ((decision = ANY (ARRAY['send'::text, 'defer'::text, 'suppress'::text])))
);

ALTER TABLE decisions ALTER COLUMN decision_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME decisions_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE deferred_erasures (
    person_id text NOT NULL,
    version bigint NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    heard_at timestamp with time zone NOT NULL
);

CREATE TABLE digest_key (
    one boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT one_key_digests CHECK (one)
);

CREATE TABLE erased_people (
    person_id text NOT NULL,
    version bigint NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    returned_at timestamp with time zone,
    held json
);

CREATE TABLE flows (
    name text NOT NULL,
    minute timestamp with time zone NOT NULL,
    messages bigint NOT NULL
);

CREATE TABLE hand_offs (
    reply_id text NOT NULL,
    person_id text,
    urgency text NOT NULL,
    since timestamp with time zone NOT NULL,
    answer_by timestamp with time zone NOT NULL,
    paging_until timestamp with time zone,
    paged_at timestamp with time zone,
    done_at timestamp with time zone,
    done_by text,
    decided text,
    why text,
    CONSTRAINT decided_is_one_of_five CHECK ((decided = ANY (ARRAY['stop_this'::text, 'stop_all'::text, 'wrong_person'::text, 'hold'::text, 'none'::text]))),
    CONSTRAINT done_names_who_and_what CHECK ((((done_at IS NULL) = (done_by IS NULL)) AND ((done_at IS NULL) = (decided IS NULL)))),
    CONSTRAINT hand_offs_have_a_known_urgency CHECK ((urgency = ANY (ARRAY['crisis'::text, 'same_day'::text, 'normal'::text])))
);

CREATE TABLE same_people (
    person_id text NOT NULL,
    other text NOT NULL,
    CONSTRAINT nobody_is_their_own_other CHECK ((person_id <> other))
);

CREATE VIEW other_ids AS
 SELECT same_people.person_id,
    same_people.other
   FROM same_people
UNION
 SELECT same_people.other AS person_id,
    same_people.person_id AS other
   FROM same_people;

CREATE TABLE pauses (
    pause_id bigint NOT NULL,
    creditor text,
    play text,
    channel text,
    paused_at timestamp with time zone NOT NULL,
    paused_by text NOT NULL,
    resumed_at timestamp with time zone
);

ALTER TABLE pauses ALTER COLUMN pause_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pauses_pause_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE people (
    person_id text NOT NULL,
    revision bigint DEFAULT 0 NOT NULL,
    heard_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE questions (
    question_key text NOT NULL,
    kind text NOT NULL,
    person_id text NOT NULL,
    debt_id text NOT NULL,
    about text NOT NULL,
    source text NOT NULL,
    event_id text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    asked_at timestamp with time zone,
    CONSTRAINT a_question_is_asked_when_it_is_due CHECK ((asked_at >= due_at))
);

CREATE TABLE replicas (
    replica_id text NOT NULL,
    role text NOT NULL,
    beat_at timestamp with time zone NOT NULL
);

CREATE TABLE replies (
    reply_id text NOT NULL,
    person_id text,
    channel text NOT NULL,
    address text NOT NULL,
    text text NOT NULL,
    understood text NOT NULL,
    needs_human boolean NOT NULL,
    received_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    kinds text[] DEFAULT '{}'::text[] NOT NULL,
    urgency text DEFAULT 'normal'::text NOT NULL,
    closes text[] DEFAULT '{}'::text[] NOT NULL,
    pictures text[] DEFAULT '{}'::text[] NOT NULL,
    attachments text[] DEFAULT '{}'::text[] NOT NULL,
    is_proven boolean DEFAULT true NOT NULL,
    automatic text,
    CONSTRAINT replies_have_a_known_urgency CHECK ((urgency = ANY (ARRAY['crisis'::text, 'same_day'::text, 'normal'::text])))
);

CREATE TABLE snapshots (
    person_id text NOT NULL,
    version bigint NOT NULL,
    snapshot json NOT NULL,
    heard_at timestamp with time zone NOT NULL
);

CREATE TABLE suppressions (
    suppression_id text NOT NULL,
    person_id text,
    address text,
    channel text,
    kind text NOT NULL,
    origin text NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    lifted_at timestamp with time zone,
    lifted_by text,
    heard_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    recorded_by text,
    mistaken_at timestamp with time zone,
    mistaken_by text,
    mistaken_why text,
    mistaken_evidence text,
    CONSTRAINT a_mistake_has_a_finder_and_evidence CHECK ((((mistaken_at IS NULL) = (mistaken_by IS NULL)) AND ((mistaken_at IS NULL) = (mistaken_why IS NULL)) AND ((mistaken_at IS NULL) = (mistaken_evidence IS NULL)))),
    CONSTRAINT a_suppression_binds_somebody CHECK (((person_id IS NOT NULL) OR (address IS NOT NULL))),
    CONSTRAINT an_opt_out_names_its_channel CHECK (((kind <> 'opted_out'::text) OR (channel IS NOT NULL))),
    CONSTRAINT suppressions_have_a_known_kind CHECK ((kind = ANY (ARRAY['opted_out'::text, 'with_human'::text, 'unreachable'::text, 'wrong_party'::text, 'unsafe'::text, 'hold'::text, 'hardship'::text, 'dispute'::text, 'attorney_represented'::text, 'cease_communication'::text, 'bankruptcy'::text, 'deceased'::text, 'pause'::text])))
);

CREATE TABLE touches (
    touch_id uuid NOT NULL,
    person_id text NOT NULL,
    debt_id text NOT NULL,
    play text NOT NULL,
    occasion text NOT NULL,
    purpose text NOT NULL,
    wording text NOT NULL,
    channels text[] NOT NULL,
    priority smallint NOT NULL,
    patience interval NOT NULL,
    fallback interval,
    creditor text NOT NULL,
    portfolio text,
    role text NOT NULL,
    in_reply_to timestamp with time zone,
    details json NOT NULL,
    planned_for timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    reason text,
    until timestamp with time zone,
    channel text,
    attempt_id uuid,
    tries smallint DEFAULT 0 NOT NULL,
    policy text,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT due_before_it_expires CHECK ((planned_for < expires_at)),
    CONSTRAINT sending_has_an_attempt CHECK (((status <> 'sending'::text) OR (attempt_id IS NOT NULL))),
    CONSTRAINT suppressed_has_a_reason CHECK (((status <> 'suppressed'::text) OR (reason IS NOT NULL))),
    CONSTRAINT touches_have_a_known_status CHECK ((status = ANY (ARRAY['planned'::text, 'waiting'::text, 'sending'::text, 'accepted'::text, 'unknown'::text, 'refused'::text, 'delivered'::text, 'undelivered'::text, 'suppressed'::text, 'cancelled'::text, 'expired'::text]))),
    CONSTRAINT waiting_has_a_reason CHECK (((status <> 'waiting'::text) OR (reason IS NOT NULL)))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000');

CREATE TABLE volumes (
    play text NOT NULL,
    hour timestamp with time zone NOT NULL,
    messages bigint NOT NULL
);

CREATE TABLE waiting_replies (
    reply_id text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    text text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    confirmed_by_vendor boolean NOT NULL,
    stopped_at_vendor boolean NOT NULL,
    started_at_vendor boolean NOT NULL,
    person_id text,
    is_proven boolean DEFAULT true NOT NULL,
    automatic text,
    pictures text[] DEFAULT '{}'::text[] NOT NULL,
    attachments text[] DEFAULT '{}'::text[] NOT NULL,
    asked text[] DEFAULT '{}'::text[] NOT NULL,
    wish text
);

CREATE TABLE waiting_unsubscribes (
    person_id text NOT NULL,
    address text NOT NULL,
    heard_at timestamp with time zone NOT NULL
);

CREATE TABLE webhook_events (
    provider text NOT NULL,
    event_id text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY addresses
    ADD CONSTRAINT addresses_pkey PRIMARY KEY (address, person_id);

ALTER TABLE ONLY attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (attempt_id);

ALTER TABLE ONLY breakers
    ADD CONSTRAINT breakers_pkey PRIMARY KEY (provider);

ALTER TABLE ONLY config_in_force
    ADD CONSTRAINT config_in_force_pkey PRIMARY KEY (one);

ALTER TABLE ONLY config_versions
    ADD CONSTRAINT config_versions_pkey PRIMARY KEY (version);

ALTER TABLE ONLY contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (contact_id);

ALTER TABLE ONLY debts
    ADD CONSTRAINT debts_pkey PRIMARY KEY (person_id, debt_id);

ALTER TABLE ONLY decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (decision_id);

ALTER TABLE ONLY digest_key
    ADD CONSTRAINT digest_key_pkey PRIMARY KEY (one);

ALTER TABLE ONLY flows
    ADD CONSTRAINT flows_pkey PRIMARY KEY (name, minute);

ALTER TABLE ONLY deferred_erasures
    ADD CONSTRAINT one_deferred_erasure_per_person PRIMARY KEY (person_id);

ALTER TABLE ONLY erased_people
    ADD CONSTRAINT one_erasure_per_person PRIMARY KEY (person_id);

ALTER TABLE ONLY waiting_unsubscribes
    ADD CONSTRAINT one_wait_per_link PRIMARY KEY (address, person_id);

ALTER TABLE ONLY pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (pause_id);

ALTER TABLE ONLY people
    ADD CONSTRAINT people_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY questions
    ADD CONSTRAINT questions_pkey PRIMARY KEY (question_key);

ALTER TABLE ONLY replicas
    ADD CONSTRAINT replicas_pkey PRIMARY KEY (replica_id);

ALTER TABLE ONLY replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (reply_id);

ALTER TABLE ONLY same_people
    ADD CONSTRAINT said_once_of_each_other PRIMARY KEY (person_id, other);

ALTER TABLE ONLY snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (suppression_id);

ALTER TABLE ONLY touches
    ADD CONSTRAINT touches_pkey PRIMARY KEY (touch_id);

ALTER TABLE ONLY volumes
    ADD CONSTRAINT volumes_pkey PRIMARY KEY (play, hour);

ALTER TABLE ONLY waiting_replies
    ADD CONSTRAINT waiting_replies_pkey PRIMARY KEY (reply_id);

ALTER TABLE ONLY webhook_events
    ADD CONSTRAINT webhook_events_pkey PRIMARY KEY (provider, event_id);

CREATE INDEX addresses_by_digest ON addresses USING btree (digest);

CREATE INDEX addresses_of_a_person ON addresses USING btree (person_id);

CREATE INDEX attempts_by_message ON attempts USING btree (provider_message_id) WHERE (provider_message_id IS NOT NULL);

CREATE INDEX attempts_of_a_person ON attempts USING btree (person_id, decided_at);

CREATE INDEX attempts_to_an_address ON attempts USING btree (address);

CREATE INDEX attempts_unsettled ON attempts USING btree (leased_until) WHERE (settled_at IS NULL);

CREATE INDEX debts_by_their_id ON debts USING btree (debt_id);

CREATE INDEX decisions_by_age ON decisions USING brin (decided_at);

CREATE INDEX decisions_of_a_touch ON decisions USING btree (touch_id);

CREATE INDEX hand_offs_of_a_person ON hand_offs USING btree (person_id) WHERE (done_at IS NULL);

CREATE INDEX hand_offs_waiting ON hand_offs USING btree (since) WHERE (done_at IS NULL);

CREATE INDEX ledger_of_a_person ON contacts USING btree (person_id, at);

CREATE INDEX ledger_of_an_address ON contacts USING btree (address, at) WHERE (address IS NOT NULL);

CREATE INDEX ledger_of_an_attempt ON contacts USING btree (attempt_id) WHERE (attempt_id IS NOT NULL);

CREATE UNIQUE INDEX one_hand_off_for_each_person ON hand_offs USING btree (reply_id, COALESCE(person_id, ''::text));

CREATE INDEX questions_of_a_person ON questions USING btree (person_id);

CREATE INDEX questions_to_ask ON questions USING btree (due_at) WHERE (asked_at IS NULL);

CREATE INDEX replies_of_a_person ON replies USING btree (person_id);

CREATE INDEX same_people_by_other ON same_people USING btree (other);

CREATE INDEX suppressions_of_a_person ON suppressions USING btree (person_id) WHERE (lifted_at IS NULL);

CREATE INDEX suppressions_of_an_address ON suppressions USING btree (address) WHERE (lifted_at IS NULL);

CREATE INDEX touches_due ON touches USING btree (due_at) INCLUDE (person_id) WHERE (status = ANY (ARRAY['planned'::text, 'waiting'::text]));

CREATE INDEX touches_past ON touches USING btree (person_id) WHERE (status <> ALL (ARRAY['planned'::text, 'waiting'::text, 'sending'::text]));

CREATE INDEX touches_unsent ON touches USING btree (person_id) WHERE (status = ANY (ARRAY['planned'::text, 'waiting'::text, 'sending'::text]));

CREATE INDEX waiting_replies_of_an_address ON waiting_replies USING btree (address);

CREATE INDEX waiting_unsubscribes_of_a_person ON waiting_unsubscribes USING btree (person_id);

CREATE INDEX webhook_events_by_age ON webhook_events USING brin (at);

ALTER TABLE ONLY config_in_force
    ADD CONSTRAINT config_in_force_version_fkey FOREIGN KEY (version) REFERENCES config_versions(version);
