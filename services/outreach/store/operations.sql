-- name: keep_config_version!
INSERT INTO config_versions (version, policy, content, loaded_at, loaded_by)
VALUES (:version, :policy, :content::text::jsonb, :now, :by)
    ON CONFLICT DO NOTHING;

-- name: switch_config$
INSERT INTO config_in_force AS old (version, policy, switched_at) VALUES (:version, :policy, :now)
    ON CONFLICT (one) DO UPDATE SET version = excluded.version, policy = excluded.policy, switched_at = excluded.switched_at,
       number = old.number + 1,
       replanned = false
 WHERE old.version <> excluded.version
RETURNING version;

-- name: renew_policy$
UPDATE config_in_force SET policy = :policy, replanned = false
 WHERE version = :version AND policy <> :policy
RETURNING version;

-- name: was_in_force$
SELECT EXISTS (SELECT FROM config_versions WHERE version = :version);

-- name: find_config_in_force^
SELECT f.version, f.number, f.policy, f.switched_at, f.replanned, v.content::text AS content
  FROM config_in_force f JOIN config_versions v USING (version);

-- name: find_content_of_policy$
-- Any version that holds this policy will do: it is asked for the policy alone.
SELECT content::text FROM config_versions LEFT JOIN config_in_force USING (version)
 WHERE :policy IN (config_versions.policy, config_in_force.policy) LIMIT 1;

-- name: note_replanned!
UPDATE config_in_force SET replanned = true WHERE version = :version;

-- name: pause<!
INSERT INTO pauses (creditor, play, channel, paused_at, paused_by)
VALUES (:creditor, :play, :channel, :now, :by) RETURNING pause_id;

-- name: count_held^
-- What is planned or waits for a fact, and matches the words of a pause; `soon` is when some of it is due.
SELECT count(*) AS messages, count(*) FILTER (WHERE status = 'planned' AND due_at < :soon) AS due
  FROM touches
 WHERE status IN ('planned', 'waiting')
   AND (:creditor::text IS NULL OR creditor = :creditor) AND (:play::text IS NULL OR play = :play)
   AND (:channel::text IS NULL OR :channel = ANY(channels));

-- name: list_names_of_touches^
SELECT coalesce(array_agg(DISTINCT creditor), '{}') AS creditors, coalesce(array_agg(DISTINCT play), '{}') AS plays
  FROM touches WHERE status IN ('planned', 'waiting');

-- name: resume
UPDATE pauses SET resumed_at = :now
 WHERE resumed_at IS NULL AND creditor IS NOT DISTINCT FROM :creditor AND play IS NOT DISTINCT FROM :play
   AND channel IS NOT DISTINCT FROM :channel
RETURNING pause_id;

-- name: list_pauses
SELECT creditor, play, channel, paused_at, paused_by FROM pauses WHERE resumed_at IS NULL ORDER BY paused_at;

-- name: spread_paused!
UPDATE touches SET due_at = greatest(planned_for, :now::timestamptz + random() * :spread::interval), reason = NULL
 WHERE status = 'planned' AND reason = 'paused_by_operations';

-- name: beat!
INSERT INTO replicas (replica_id, role, beat_at) VALUES (:replica, :role, :now)
    ON CONFLICT (replica_id) DO UPDATE SET beat_at = :now;

-- name: count_replicas$
SELECT count(*) FROM replicas WHERE role = :role AND beat_at > :since;

-- name: clock_skew$
SELECT extract(epoch FROM clock_timestamp() - :now::timestamptz)::float8;
