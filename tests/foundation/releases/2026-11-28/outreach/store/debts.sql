-- name: read_debts
SELECT facts::text AS facts FROM debts WHERE person_id = ANY(:people::text[]) ORDER BY person_id, debt_id;

-- name: list_who_owe
SELECT DISTINCT person_id FROM debts WHERE debt_id = ANY(:debts::text[]) ORDER BY person_id;

-- name: keep_debts!
INSERT INTO debts (person_id, debt_id, facts)
SELECT person_id, debt_id, facts::json
  FROM unnest(:people::text[], :debts::text[], :facts::text[]) AS kept (person_id, debt_id, facts)
    ON CONFLICT (person_id, debt_id) DO UPDATE SET facts = excluded.facts;
