-- Assertions of the account that is signed in, by the hash of their number: each counts once.

CREATE TABLE used_assertions (
    hash       BYTEA  PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertions_by_end ON used_assertions (expires_at);
