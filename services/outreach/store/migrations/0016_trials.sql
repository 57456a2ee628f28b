-- Which call tries whether a vendor that was given a rest works again.
ALTER TABLE breakers ADD COLUMN trial uuid;
