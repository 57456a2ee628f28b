-- name: mint_token
INSERT INTO tokens (name, digest, scopes, per_second, minted_at, minted_by)
VALUES (:name, :digest, :scopes, :per_second, :now, :by)
    ON CONFLICT (name) DO NOTHING
RETURNING name;

-- name: find_token^
SELECT name, scopes, per_second FROM tokens WHERE digest = :digest AND revoked_at IS NULL;

-- name: list_tokens
SELECT name, scopes, per_second, minted_at, minted_by, revoked_at, revoked_by FROM tokens ORDER BY name;

-- name: revoke_token
UPDATE tokens SET revoked_at = :now, revoked_by = :by WHERE name = :name AND revoked_at IS NULL RETURNING name;
