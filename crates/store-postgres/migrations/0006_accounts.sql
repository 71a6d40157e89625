-- Assertions of the account that is signed in, by the hash of their number: each counts once.

CREATE TABLE used_assertions (
    hash       BYTEA  PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertions_by_end ON used_assertions (expires_at);

-- Links to the page of a shop's sub-accounts, and the visits that come of them.

CREATE TABLE management_links (
    hash       BYTEA  PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    body       TEXT   NOT NULL
);
CREATE INDEX management_links_by_end ON management_links (expires_at);

CREATE TABLE management_visits (
    hash       BYTEA  PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    body       TEXT   NOT NULL
);
CREATE INDEX management_visits_by_end ON management_visits (expires_at);
