-- For psql, run once by whoever may make roles and databases (docs/deploying.md, "Databases and roles"):
-- one database for each service, owned by a role that migrates it; the role the service runs as owns nothing. What it may
-- do is granted after each migration, by `outreach grant outreach` and `preferences grant preferences`.
--
-- psql -v outreach_owner=… -v outreach=… -v preferences_owner=… -v preferences=… -f deploy/databases.sql, each a password.
\set ON_ERROR_STOP on

CREATE ROLE outreach_owner LOGIN PASSWORD :'outreach_owner';
CREATE ROLE outreach LOGIN PASSWORD :'outreach' CONNECTION LIMIT 200;
CREATE ROLE preferences_owner LOGIN PASSWORD :'preferences_owner';
CREATE ROLE preferences LOGIN PASSWORD :'preferences' CONNECTION LIMIT 100;

CREATE DATABASE outreach OWNER outreach_owner;
CREATE DATABASE preferences OWNER preferences_owner;

-- Neither service can read the other's, nor anybody else's role either.
REVOKE CONNECT, TEMPORARY ON DATABASE outreach, preferences FROM PUBLIC;
GRANT CONNECT ON DATABASE outreach TO outreach;
GRANT CONNECT ON DATABASE preferences TO preferences;
