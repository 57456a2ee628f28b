-- name: find_count^
SELECT wrong, last_at, closed_until FROM light_checks WHERE person_id = :person_id;

-- name: count_wrong!
INSERT INTO light_checks (person_id, wrong, last_at, closed_until)
VALUES (:person_id, :wrong, :now, :closed_until)
    ON CONFLICT (person_id) DO UPDATE SET wrong = :wrong, last_at = :now, closed_until = :closed_until;

-- name: forget_count!
DELETE FROM light_checks WHERE person_id = :person_id;

-- name: list_locked
SELECT person_id, wrong, last_at, closed_until
  FROM light_checks
 WHERE wrong >= :most AND closed_until > :now
 ORDER BY closed_until, person_id
 LIMIT :limit;

-- name: count_locked$
SELECT count(*) FROM light_checks WHERE wrong >= :most AND closed_until > :now;

-- name: delete_counts!
DELETE FROM light_checks WHERE last_at < :before AND closed_until < :before;
