-- Run once, when the volume is new: one database for each service, so that neither can read the other's.
CREATE ROLE outreach LOGIN PASSWORD 'outreach-local';
CREATE ROLE preferences LOGIN PASSWORD 'preferences-local';
CREATE DATABASE outreach OWNER outreach;
CREATE DATABASE preferences OWNER preferences;
REVOKE CONNECT ON DATABASE outreach, preferences FROM PUBLIC;
