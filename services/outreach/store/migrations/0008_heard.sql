-- A suppression is ordered by when it was heard here, whatever the clock of whoever said it.
ALTER TABLE suppressions ADD COLUMN heard_at timestamptz;
UPDATE suppressions SET heard_at = at;
UPDATE suppressions SET heard_at = greatest(suppressions.at, webhook_events.at)
  FROM webhook_events
 WHERE suppressions.suppression_id = webhook_events.provider || ':' || webhook_events.event_id;
ALTER TABLE suppressions ALTER COLUMN heard_at SET DEFAULT clock_timestamp();
ALTER TABLE suppressions ALTER COLUMN heard_at SET NOT NULL;

-- What people wrote, from the moment it is heard until it is bound: keeping it here needs nobody's lock, and while
-- it is here nothing goes to the address it came from, nor to anybody who has that address.
CREATE TABLE waiting_replies (
    reply_id            text PRIMARY KEY,
    channel             text NOT NULL,
    address             text NOT NULL,
    text                text NOT NULL,
    received_at         timestamptz NOT NULL,
    confirmed_by_vendor boolean NOT NULL,
    stopped_at_vendor   boolean NOT NULL,
    started_at_vendor   boolean NOT NULL
);
CREATE INDEX waiting_replies_of_an_address ON waiting_replies (address);
