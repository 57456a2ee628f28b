-- name: role_exists$
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role);

-- name: list_grants
-- Statements to be run: names cannot be parameters, so the server itself quotes them.
SELECT format(text, current_schema(), :role::text) AS statement
  FROM (VALUES (1, 'GRANT USAGE ON SCHEMA %1$I TO %2$I'),
               (2, 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO %2$I'),
               (3, 'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I'),
               (4, 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %1$I TO %2$I')) AS given (place, text)
 UNION ALL
SELECT format('REVOKE UPDATE, DELETE, TRUNCATE ON %I.%I FROM %I', current_schema(), name, :role::text)
  FROM unnest(:insert_only::text[]) AS name;
