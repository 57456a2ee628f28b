-- name: record_contacts
-- A contact that was recorded before stays as it is: contact ids are the event's or the attempt's.
INSERT INTO contacts (contact_id, person_id, at, channel, direction, debts, purpose, outcome, in_reply_to, key,
                      address, attempt_id, creditor)
SELECT contact_id, person_id, at, channel, direction, string_to_array(debts, chr(31)), purpose, outcome, in_reply_to,
       key, address, attempt_id, creditor
  FROM unnest(:ids::text[], :people::text[], :ats::timestamptz[], :channels::text[], :directions::text[],
              :debts::text[], :purposes::text[], :outcomes::text[], :replies::timestamptz[], :keys::text[],
              :addresses::text[], :attempts::uuid[], :creditors::text[])
       AS made (contact_id, person_id, at, channel, direction, debts, purpose, outcome, in_reply_to, key, address,
                attempt_id, creditor)
    ON CONFLICT (contact_id) DO NOTHING
RETURNING contact_id;

-- name: read_ledger
-- By person, and by the addresses they share with others: a contact counts for both.
SELECT person_id, at, channel, direction, debts, purpose, outcome, in_reply_to, key, address, creditor
  FROM contacts
 WHERE person_id = ANY(:people::text[]) AND at > :since
UNION ALL
SELECT person_id, at, channel, direction, debts, purpose, outcome, in_reply_to, key, address, creditor
  FROM contacts
 WHERE address = ANY(:shared::text[]) AND person_id <> ALL(:people::text[]) AND at > :since;

-- name: read_last_heard
-- When each person last spoke to us or was spoken with.
SELECT person_id, max(at) AS at FROM contacts
 WHERE person_id = ANY(:people::text[]) AND (direction = 'inbound' OR outcome = 'answered')
 GROUP BY person_id;

-- name: settle_contacts!
-- A contact of ours has the id of its attempt.
UPDATE contacts SET outcome = settled.outcome, at = coalesce(settled.at, contacts.at)
  FROM unnest(:attempts::uuid[], :outcomes::text[], :ats::timestamptz[]) AS settled (attempt_id, outcome, at)
 WHERE contacts.contact_id = settled.attempt_id::text;

-- name: list_contacts_of
SELECT person_id, at, channel, direction, debts, purpose, outcome, in_reply_to, key, address, creditor
  FROM contacts WHERE person_id = :person_id ORDER BY at, contact_id;

-- name: remember_contacts
-- What became of contacts of ours, as it was published: what is known here counts more, by rank. That a provider gave
-- a message back is known here alone.
INSERT INTO contacts AS known (contact_id, person_id, at, channel, direction, debts, purpose, outcome, in_reply_to, key,
                               address, attempt_id, creditor)
SELECT contact_id, person_id, at, channel, 'outbound', string_to_array(debts, chr(31)), purpose, outcome, in_reply_to,
       key, address, attempt_id, creditor
  FROM unnest(:ids::text[], :people::text[], :ats::timestamptz[], :channels::text[], :debts::text[], :purposes::text[],
              :outcomes::text[], :replies::timestamptz[], :keys::text[], :addresses::text[], :attempts::uuid[],
              :creditors::text[])
       AS told (contact_id, person_id, at, channel, debts, purpose, outcome, in_reply_to, key, address, attempt_id,
                creditor)
 ORDER BY contact_id
    ON CONFLICT (contact_id) DO UPDATE SET outcome = excluded.outcome, at = excluded.at
 WHERE coalesce(array_position(ARRAY['not_sent', 'unknown', 'accepted', 'undelivered', 'delivered', 'refused'],
                               known.outcome), 0)
     < array_position(ARRAY['not_sent', 'unknown', 'accepted', 'undelivered', 'delivered', 'refused'], excluded.outcome)
   AND NOT (known.outcome = 'not_sent'
            AND EXISTS (SELECT FROM attempts
                         WHERE attempts.attempt_id = excluded.attempt_id AND attempts.outcome = 'accepted'))
RETURNING contact_id, person_id;
