-- name: record_contacts!
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
    ON CONFLICT (contact_id) DO NOTHING;

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
