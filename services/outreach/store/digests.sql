-- name: read_key
SELECT key FROM digest_key;

-- name: use_key
INSERT INTO digest_key (key) VALUES (:key)
    ON CONFLICT (one) DO UPDATE SET key = excluded.key WHERE digest_key.key <> excluded.key
RETURNING key;

-- name: keeps_unnamed$
-- What was sent to somebody erased counts for whoever has the address, by `erased:` and the same digest.
SELECT EXISTS (SELECT FROM suppressions WHERE starts_with(address, 'digest:'))
    OR EXISTS (SELECT FROM contacts WHERE starts_with(address, 'digest:') OR starts_with(address, 'erased:'));

-- name: make_key!
INSERT INTO digest_key (key) VALUES (:key) ON CONFLICT DO NOTHING;

-- name: forget_digests!
UPDATE addresses SET digest = NULL;

-- name: list_addresses_without_digest
SELECT DISTINCT address FROM addresses WHERE digest IS NULL LIMIT :limit;

-- name: store_digests!
UPDATE addresses SET digest = given.digest
  FROM unnest(:addresses::text[], :digests::text[]) AS given (address, digest)
 WHERE addresses.address = given.address;

-- name: find_addresses
SELECT DISTINCT digest, address FROM addresses WHERE digest = ANY(:digests::text[]);

-- name: name_contacts!
-- Somebody has the address that was known by its digest alone: from now on it is known by itself.
UPDATE contacts SET address = named.address
  FROM unnest(:unnamed::text[], :addresses::text[]) AS named (unnamed, address)
 WHERE contacts.address = named.unnamed;

-- name: name_suppressions!
UPDATE suppressions SET address = named.address
  FROM unnest(:unnamed::text[], :addresses::text[]) AS named (unnamed, address)
 WHERE suppressions.address = named.unnamed AND suppressions.lifted_at IS NULL;
