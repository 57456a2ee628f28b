-- name: describe_server^
-- A socket has no address. Where a pooler stands in between, its way to the server is what is told of.
SELECT current_setting('server_version_num')::int AS version,
       split_part(current_setting('server_version'), ' ', 1) AS release,
       current_setting('transaction_read_only') = 'on' AS read_only,
       pg_encoding_to_char(encoding) AS encoding,
       current_user::text AS role,
       inet_server_addr() IS NOT NULL AND NOT inet_server_addr() <<= ANY ('{127.0.0.0/8,::1/128}'::inet[]) AS is_remote,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS is_private
  FROM pg_database WHERE datname = current_database();

-- name: list_rights
SELECT relname::text AS name,
       current_user::text AS role,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
       pg_has_role(relowner, 'USAGE') AS is_owner,
       ARRAY(SELECT word FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS word
              WHERE has_table_privilege(oid, word)) AS rights
  FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
   AND relname NOT LIKE '%\_migrations'
 ORDER BY relname;
