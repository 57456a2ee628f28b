-- One message may be about several debts: the touches beside the first that it was sent for.
ALTER TABLE attempts ADD COLUMN others uuid[] NOT NULL DEFAULT '{}';
