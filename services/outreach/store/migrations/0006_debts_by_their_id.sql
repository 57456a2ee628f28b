-- Who else owes a debt is asked whenever money moves on it.
CREATE INDEX debts_by_their_id ON debts (debt_id);
