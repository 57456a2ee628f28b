-- name: was_respelled$
SELECT EXISTS (SELECT FROM applied_migrations WHERE package = 'outreach.addresses' AND revision = :revision);

-- name: note_respelled!
INSERT INTO applied_migrations (package, revision, checksum, contracts)
VALUES ('outreach.addresses', :revision, '', false)
    ON CONFLICT DO NOTHING;

-- name: list_addresses
SELECT address FROM addresses WHERE address > :after
 UNION SELECT address FROM suppressions WHERE address > :after
 UNION SELECT address FROM contacts WHERE address > :after
 UNION SELECT address FROM attempts WHERE address > :after
 UNION SELECT address FROM replies WHERE address > :after
 ORDER BY address LIMIT :limit;

-- name: respell_people!
WITH respelled AS (
    DELETE FROM addresses USING unnest(:olds::text[], :news::text[]) AS given (old, new)
     WHERE addresses.address = given.old
    RETURNING given.new AS address, person_id, channel
)
INSERT INTO addresses (address, person_id, channel) SELECT DISTINCT address, person_id, channel FROM respelled
    ON CONFLICT DO NOTHING;

-- name: respell_suppressions!
UPDATE suppressions SET address = given.new FROM unnest(:olds::text[], :news::text[]) AS given (old, new)
 WHERE suppressions.address = given.old;

-- name: respell_contacts!
UPDATE contacts SET address = given.new FROM unnest(:olds::text[], :news::text[]) AS given (old, new)
 WHERE contacts.address = given.old;

-- name: respell_attempts!
UPDATE attempts SET address = given.new FROM unnest(:olds::text[], :news::text[]) AS given (old, new)
 WHERE attempts.address = given.old;

-- name: respell_replies!
UPDATE replies SET address = given.new FROM unnest(:olds::text[], :news::text[]) AS given (old, new)
 WHERE replies.address = given.old;
