-- name: list_called
-- Every call that was begun since an instant, with what the ledger says it was about and the decision behind it.
SELECT attempts.attempt_id, attempts.touch_id, attempts.person_id, attempts.channel, attempts.address,
       attempts.policy, attempts.decided_at, attempts.called_at, attempts.valid_until, contacts.outcome AS became,
       decision.situation
  FROM attempts
  LEFT JOIN contacts ON contacts.attempt_id = attempts.attempt_id
  LEFT JOIN LATERAL (
       SELECT situation FROM decisions
        WHERE decisions.touch_id = attempts.touch_id AND decisions.decided_at = attempts.decided_at
          AND decisions.channel = attempts.channel AND decisions.decision = 'send'
        LIMIT 1) AS decision ON true
 WHERE attempts.called_at >= :since
 ORDER BY attempts.called_at, attempts.attempt_id;

-- name: list_contacts
-- What the ledger says we did ourselves, from as far back as any cap looks.
SELECT contacts.person_id, contacts.at, contacts.channel, contacts.debts, contacts.purpose, contacts.outcome,
       contacts.in_reply_to, contacts.key, contacts.address, contacts.attempt_id, attempts.decided_at,
       attempts.called_at
  FROM contacts JOIN attempts USING (attempt_id)
 WHERE contacts.direction = 'outbound' AND contacts.at >= :since AND attempts.called_at IS NOT NULL;

-- name: list_stops
-- Whatever closed a channel, from the moment it was heard here: a vendor may have told us late.
SELECT suppressions.suppression_id, suppressions.person_id, suppressions.address, suppressions.channel,
       suppressions.kind, suppressions.heard_at, suppressions.until, suppressions.lifted_at, suppressions.lifted_by
  FROM suppressions
 WHERE suppressions.lifted_at IS NULL OR suppressions.lifted_at >= :since
    OR (suppressions.lifted_by = 'preferences' AND suppressions.kind = 'opted_out');

-- name: list_config_versions
SELECT version, content::text AS content, loaded_at FROM config_versions ORDER BY loaded_at;
