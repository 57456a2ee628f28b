-- 0001 was changed in place on 2026-11-22 at 10:15, after databases had applied it: they never got these columns.
-- Everywhere else this finds nothing to do. The policy of a version that is no longer in force was not written down
-- then and cannot be computed here; only `audit` of messages of before asks for it.

ALTER TABLE contacts ADD COLUMN IF NOT EXISTS creditor text;
ALTER TABLE config_versions ADD COLUMN IF NOT EXISTS policy text;
UPDATE config_versions
   SET policy = coalesce((SELECT policy FROM config_in_force WHERE config_in_force.version = config_versions.version),
                         'not known')
 WHERE policy IS NULL;
ALTER TABLE config_versions ALTER COLUMN policy SET NOT NULL;
