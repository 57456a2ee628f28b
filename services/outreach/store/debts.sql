-- name: read_debts
SELECT facts::text AS facts FROM debts WHERE person_id = ANY(:people::text[]) ORDER BY person_id, debt_id;

-- name: read_named_debts
SELECT facts::text AS facts FROM debts
 WHERE person_id = ANY(:people::text[]) AND debt_id = ANY(:debts::text[]) ORDER BY person_id, debt_id;

-- name: list_who_owe
SELECT owed.debt_id, who.person_id
  FROM unnest(:debts::text[]) AS owed (debt_id)
 CROSS JOIN LATERAL (SELECT person_id FROM debts WHERE debts.debt_id = owed.debt_id LIMIT :at_most) AS who;

-- name: keep_debts!
INSERT INTO debts (person_id, debt_id, facts)
SELECT person_id, debt_id, facts::json
  FROM unnest(:people::text[], :debts::text[], :facts::text[]) AS kept (person_id, debt_id, facts)
    ON CONFLICT (person_id, debt_id) DO UPDATE SET facts = excluded.facts;

-- name: list_names
-- Every debt is looked at: only a command of staff asks this.
SELECT facts #>> '{placement,value,creditor}' AS creditor, facts #>> '{placement,value,portfolio}' AS portfolio, count(*) AS debts
  FROM debts WHERE facts #>> '{placement,value,creditor}' IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2;
