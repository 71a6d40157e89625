-- Assertions of the account that is signed in, by the hash of their number: each counts once.

CREATE TABLE used_assertions (
    hash       BLOB    PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX used_assertions_by_end ON used_assertions (expires_at);
