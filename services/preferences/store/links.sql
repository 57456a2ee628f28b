-- name: use_keys!
UPDATE link_keys SET key = :key, others = :others::bytea[], is_whole = false
 WHERE key IS DISTINCT FROM :key OR others IS DISTINCT FROM :others::bytea[];

-- name: share_keys^
-- Whoever would change the keys waits for this, and this for whoever is changing them.
SELECT key, others FROM link_keys FOR SHARE;

-- name: read_key^
SELECT is_whole FROM link_keys;

-- name: note_whole!
UPDATE link_keys SET is_whole = true WHERE key = :key AND others = :others::bytea[];

-- name: name_addresses!
INSERT INTO links (name, person_id, address)
SELECT * FROM unnest(:names::bytea[], :people::text[], :addresses::text[]) AS given (name, person_id, address)
 ORDER BY name, person_id, address
    ON CONFLICT DO NOTHING;

-- name: find_named
-- What a link may name, and since when the links of that person work.
SELECT links.person_id, links.address, people.record #>> '{links revoked,0,0}' AS revoked_at
  FROM links JOIN people USING (person_id)
 WHERE links.name = :name
 ORDER BY links.person_id, links.address
 LIMIT 10;

-- name: list_addresses
SELECT person_id, addresses FROM people WHERE person_id > :after ORDER BY person_id LIMIT :limit;
