-- Addresses are told by digest to whoever may not know them. The key comes from the configuration, so that a lost
-- database gets the same again; what a digest stands for is known once somebody turns out to have the address.

CREATE TABLE digest_key (
    one boolean NOT NULL DEFAULT true CONSTRAINT one_key_digests CHECK (one),
    key bytea   NOT NULL,
    CONSTRAINT digest_key_pkey PRIMARY KEY (one)
);

-- Null: written by a release that kept no digests.
ALTER TABLE attempts ADD COLUMN address_digest text;
ALTER TABLE addresses ADD COLUMN digest text;

CREATE INDEX addresses_by_digest ON addresses (digest);
