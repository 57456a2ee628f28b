-- name: keep_choice!
INSERT INTO choices (choice_id, person_id, address, is_known, form, undoing, made_at, session)
VALUES (:choice_id, :person_id, :address, :is_known, :form, :undoing, :made_at, :session);

-- name: find_choice^
SELECT choice_id, person_id, address, is_known, form, undoing, made_at, undone_at, session
  FROM choices
 WHERE choice_id = :choice_id AND person_id = :person_id;

-- name: list_choices
SELECT choice_id, person_id, address, is_known, form, undoing, made_at, undone_at, session
  FROM choices
 WHERE person_id = :person_id AND made_at > :after
 ORDER BY made_at DESC, choice_id
 LIMIT 50;

-- name: find_same^
-- The same thing, chosen a moment ago: whoever taps twice means it once. Where anything was said since, of any of
-- their ids, it is no second tap: a stop, an allowance and a stop again are three choices.
SELECT choice_id, person_id, address, is_known, form, undoing, made_at, undone_at, session
  FROM choices
 WHERE person_id = :person_id AND address = :address AND form = :form::jsonb AND undone_at IS NULL AND made_at > :after
   AND undoing <> '[]'
   AND NOT EXISTS (
           SELECT FROM entries AS later
            WHERE later.person_id = ANY(:people::text[])
              AND later.number > (SELECT max(number)
                                    FROM entries AS own
                                   WHERE own.person_id = choices.person_id
                                     AND own.source = :source
                                     AND starts_with(own.event_id, choices.choice_id || '.')))
 ORDER BY made_at DESC, choice_id
 LIMIT 1;

-- name: list_choices_of
SELECT address, is_known, form, made_at, undone_at FROM choices WHERE person_id = :person_id ORDER BY made_at, choice_id;

-- name: note_undone!
UPDATE choices SET undone_at = :now WHERE choice_id = :choice_id;

-- name: delete_choices!
DELETE FROM choices WHERE made_at < :before;
