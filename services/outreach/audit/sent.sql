-- name: list_called
-- Every call that was begun since an instant, with what the ledger says it was about and the decision behind it.
SELECT attempts.attempt_id, attempts.touch_id, attempts.person_id, attempts.channel, attempts.address,
       attempts.policy, attempts.decided_at, attempts.called_at, attempts.valid_until, contacts.outcome AS became,
       decision.situation, coalesce(attempts.message->>'body', attempts.message->>'text') AS words,
       position(attempts.message->>'unsubscribe_url' IN attempts.message->>'text') > 0
       AND position(attempts.message->>'unsubscribe_url' IN replace(attempts.message->>'html', '&amp;', '&')) > 0
           AS holds_link
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
-- What the ledger says we did ourselves, from as far back as any cap looks. Where somebody erased was reached, an address
-- stands by its digest: whoever else has it was reached there too.
SELECT contacts.person_id, contacts.at, contacts.channel, contacts.debts, contacts.purpose, contacts.outcome,
       contacts.in_reply_to, contacts.key,
       CASE WHEN contacts.address LIKE 'erased:%'
            THEN coalesce((SELECT min(had.address) FROM addresses had
                            WHERE had.digest = substr(contacts.address, length('erased:') + 1)), contacts.address)
            ELSE contacts.address END AS address,
       contacts.attempt_id, attempts.decided_at, attempts.called_at
  FROM contacts JOIN attempts USING (attempt_id)
 WHERE contacts.direction = 'outbound' AND contacts.at >= :since AND attempts.called_at IS NOT NULL;

-- name: list_stops
-- Whatever closed a channel, from the moment it was heard here: a vendor may have told us late.
SELECT suppressions.suppression_id, suppressions.person_id, suppressions.address, suppressions.channel,
       suppressions.kind, suppressions.heard_at, suppressions.until, suppressions.lifted_at, suppressions.lifted_by,
       suppressions.mistaken_at, suppressions.mistaken_by, suppressions.mistaken_why, suppressions.mistaken_evidence
  FROM suppressions
 WHERE suppressions.lifted_at IS NULL OR suppressions.lifted_at >= :since
    OR (suppressions.lifted_by = 'preferences' AND suppressions.kind = 'opted_out');

-- name: list_config_versions
SELECT version, content::text AS content, loaded_at FROM config_versions ORDER BY loaded_at;

-- name: list_said
-- Every message that was begun since an instant, as it was written, with the touches that went in it.
SELECT attempts.attempt_id, attempts.message::text AS message, touches.debt_id, touches.occasion,
       touches.details::text AS details
  FROM attempts JOIN touches ON touches.touch_id = attempts.touch_id OR touches.touch_id = ANY (attempts.others)
 WHERE attempts.called_at >= :since AND attempts.message::text <> '{}'
 ORDER BY attempts.attempt_id;

-- name: list_debts_named
SELECT debts.person_id, debts.debt_id, debts.facts::text AS facts
  FROM debts
 WHERE EXISTS (SELECT FROM attempts WHERE attempts.person_id = debts.person_id AND attempts.called_at >= :since);

-- name: list_heard
-- When events were heard; the oldest are forgotten.
SELECT source, event_id, heard_at FROM inbox;
