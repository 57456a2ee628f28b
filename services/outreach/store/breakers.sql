-- name: read_breakers
SELECT provider, failures, open_till FROM breakers WHERE failures > 0;

-- name: count_failures!
-- A rest that has begun is not made longer by calls that were under way then; a trial decides how it goes on.
INSERT INTO breakers AS old (provider, failures, open_till, changed_at)
VALUES (:provider, :failures::integer, CASE WHEN :failures::integer >= :limit::integer THEN :now::timestamptz + :rest::interval END, :now)
    ON CONFLICT (provider) DO UPDATE
   SET failures = old.failures + :failures::integer, changed_at = :now,
       open_till = CASE WHEN old.open_till IS NULL AND old.failures + :failures::integer >= :limit::integer
                        THEN :now::timestamptz + :rest::interval ELSE old.open_till END;

-- name: forgive!
-- Calls that were under way when a rest began do not end it, however they end: its trial does.
UPDATE breakers SET failures = 0, open_till = NULL, trial = NULL, changed_at = :now
 WHERE provider = ANY(:providers::text[]) AND failures > 0
   AND (open_till IS NULL OR trial = ANY(:attempts::uuid[]));

-- name: fail_trials!
UPDATE breakers SET open_till = :now::timestamptz + :rest::interval, trial = NULL, changed_at = :now
 WHERE trial = ANY(:attempts::uuid[]);

-- name: lock_rested
-- Whoever is passed over is being tried by another replica at this moment.
SELECT provider FROM breakers WHERE open_till <= :now ORDER BY provider FOR UPDATE SKIP LOCKED;

-- name: begin_trial!
UPDATE breakers SET trial = :attempt, open_till = :until, changed_at = :now WHERE provider = :provider;
