-- name: keep_questions!
-- In one order for everybody: about a creditor whom nobody knows several batches may ask at once.
INSERT INTO questions (question_key, kind, person_id, debt_id, about, source, event_id, due_at)
SELECT * FROM unnest(:keys::text[], :kinds::text[], :people::text[], :debts::text[], :abouts::text[], :sources::text[],
                     :events::text[], :dues::timestamptz[]) AS new (question_key)
 ORDER BY question_key
    ON CONFLICT (question_key) DO NOTHING;

-- name: list_keys_of
SELECT question_key, debt_id FROM questions WHERE person_id = ANY(:people::text[]);

-- name: list_questions_of
SELECT kind, debt_id, about, source, event_id, due_at, asked_at
  FROM questions WHERE person_id = :person_id ORDER BY due_at, question_key;

-- name: answer_questions!
DELETE FROM questions WHERE question_key = ANY(:keys::text[]);

-- name: ask_due
-- Each is asked once, by whoever holds the lock of the person it is about.
UPDATE questions SET asked_at = :now
 WHERE question_key = ANY(:keys::text[]) AND asked_at IS NULL AND due_at <= :now
RETURNING question_key, kind, person_id, debt_id, about, source, event_id, due_at;

-- name: list_people_to_ask_about
-- And those whose creditor the directory knows meanwhile: their question is answered.
SELECT DISTINCT person_id FROM questions
 WHERE (asked_at IS NULL AND due_at <= :now) OR (kind = 'unknown_creditor' AND about = ANY(:creditors::text[]))
 ORDER BY person_id LIMIT :limit;

-- name: list_asked
SELECT question_key, kind, person_id, debt_id, about, source, event_id, due_at, asked_at
  FROM questions WHERE asked_at IS NOT NULL ORDER BY asked_at, question_key LIMIT :limit;
