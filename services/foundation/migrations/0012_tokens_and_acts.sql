-- Who may ask over HTTP or act by name, and what was done by whom. Nobody's token is kept, only what recognizes it.

CREATE TABLE tokens (
    name       text        PRIMARY KEY,
    digest     bytea       NOT NULL UNIQUE,
    scopes     text[]      NOT NULL,
    per_second real        NOT NULL,
    minted_at  timestamptz NOT NULL,
    minted_by  text        NOT NULL,
    revoked_at timestamptz,
    revoked_by text,
    CONSTRAINT sha256 CHECK (length(digest) = 32),
    CONSTRAINT allows_something CHECK (cardinality(scopes) > 0 AND per_second > 0),
    CONSTRAINT revoked_by_somebody CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);

-- What people and programs did here and what they asked about whom. Written with the act, and never again.
CREATE TABLE acts (
    act_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    known_by   text        NOT NULL,
    act        text        NOT NULL,
    subject    text,
    reason     text,
    CONSTRAINT known_by_token_or_system CHECK (known_by IN ('token', 'system_user'))
);

CREATE INDEX acts_on ON acts (subject, act_id);

CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done stands: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER acts_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON acts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();
