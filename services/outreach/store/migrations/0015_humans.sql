-- What is understood of a reply, and what came with it. A reply of before was read with one word for it.
ALTER TABLE replies
    ADD COLUMN kinds       text[] NOT NULL DEFAULT '{}',
    ADD COLUMN urgency     text NOT NULL DEFAULT 'normal',
    ADD COLUMN closes      text[] NOT NULL DEFAULT '{}',
    ADD COLUMN pictures    text[] NOT NULL DEFAULT '{}',
    ADD COLUMN attachments text[] NOT NULL DEFAULT '{}',
    ADD COLUMN is_proven   boolean NOT NULL DEFAULT true,
    ADD COLUMN automatic   text,
    ADD CONSTRAINT replies_have_a_known_urgency CHECK (urgency IN ('crisis', 'same_day', 'normal'));
ALTER TABLE waiting_replies
    ADD COLUMN person_id   text,
    ADD COLUMN is_proven   boolean NOT NULL DEFAULT true,
    ADD COLUMN automatic   text,
    ADD COLUMN pictures    text[] NOT NULL DEFAULT '{}',
    ADD COLUMN attachments text[] NOT NULL DEFAULT '{}';

-- Replies that wait for a human, one for each person whom a reply may come from; without one, nobody knows whose.
CREATE TABLE hand_offs (
    reply_id  text NOT NULL,
    person_id text,
    urgency   text NOT NULL,
    since     timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    paging_until timestamptz,
    paged_at  timestamptz,
    done_at   timestamptz,
    done_by   text,
    decided   text,
    why       text,
    CONSTRAINT hand_offs_have_a_known_urgency CHECK (urgency IN ('crisis', 'same_day', 'normal')),
    CONSTRAINT done_names_who_and_what CHECK ((done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (decided IS NULL)),
    CONSTRAINT decided_is_one_of_five CHECK (decided IN ('stop_this', 'stop_all', 'wrong_person', 'hold', 'none'))
);
CREATE UNIQUE INDEX one_hand_off_for_each_person ON hand_offs (reply_id, coalesce(person_id, ''));
CREATE INDEX hand_offs_waiting ON hand_offs (since) WHERE done_at IS NULL;
CREATE INDEX hand_offs_of_a_person ON hand_offs (person_id) WHERE done_at IS NULL;
INSERT INTO hand_offs (reply_id, person_id, urgency, since, answer_by)
SELECT replies.reply_id, suppressions.person_id, 'normal', replies.received_at, replies.received_at + interval '1 day'
  FROM suppressions JOIN replies
    ON suppressions.suppression_id = replies.reply_id || ':' || suppressions.person_id || ':with_human'
 WHERE suppressions.kind = 'with_human' AND suppressions.lifted_at IS NULL;

-- A stop may be told to a member of staff, who records it.
ALTER TABLE suppressions ADD COLUMN recorded_by text;

-- A stop that was recorded by mistake stays on record, with who found so, why, and by what evidence.
ALTER TABLE suppressions
    ADD COLUMN mistaken_at       timestamptz,
    ADD COLUMN mistaken_by       text,
    ADD COLUMN mistaken_why      text,
    ADD COLUMN mistaken_evidence text,
    DROP CONSTRAINT suppressions_have_a_known_kind,
    ADD CONSTRAINT suppressions_have_a_known_kind
        CHECK (kind IN ('opted_out', 'with_human', 'unreachable', 'wrong_party', 'unsafe', 'hold', 'hardship', 'dispute',
                        'attorney_represented', 'cease_communication', 'bankruptcy', 'deceased', 'pause')),
    ADD CONSTRAINT a_mistake_has_a_finder_and_evidence
        CHECK ((mistaken_at IS NULL) = (mistaken_by IS NULL) AND (mistaken_at IS NULL) = (mistaken_why IS NULL)
               AND (mistaken_at IS NULL) = (mistaken_evidence IS NULL));
