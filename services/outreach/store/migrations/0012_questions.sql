-- What contradicts the rest of what is known, until facts answer it. It is asked at `due_at`, once.
CREATE TABLE questions (
    question_key text PRIMARY KEY,
    kind         text NOT NULL,
    person_id    text NOT NULL,
    debt_id      text NOT NULL,
    about        text NOT NULL,
    source       text NOT NULL,
    event_id     text NOT NULL,
    due_at       timestamptz NOT NULL,
    asked_at     timestamptz,
    CONSTRAINT a_question_is_asked_when_it_is_due CHECK (asked_at >= due_at)
);
CREATE INDEX questions_of_a_person ON questions (person_id);
CREATE INDEX questions_to_ask ON questions (due_at) WHERE asked_at IS NULL;
