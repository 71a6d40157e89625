-- Clocks that are turned by hand, and what lives by them. A job that is held for its clock until a time of that clock
-- has `held_until`, and a `due_at` that never comes; released, it has none and is leased like any other.

CREATE TABLE clocks (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL
) STRICT;

ALTER TABLE jobs ADD COLUMN clock TEXT;
ALTER TABLE jobs ADD COLUMN held_until INTEGER;
CREATE INDEX jobs_of_clock ON jobs (clock, held_until) WHERE clock IS NOT NULL AND state <> 'dead';

-- Shops and sub-accounts are known by the marketplace's own ids, in each mode for itself.
CREATE TABLE shops (
    mode       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (mode, id)
) STRICT;
CREATE INDEX shops_by_age ON shops (mode, created_at, id);

CREATE TABLE staff (
    mode       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    shop       TEXT    NOT NULL,
    standing   TEXT    NOT NULL,
    reviewed   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (mode, id),
    FOREIGN KEY (mode, shop) REFERENCES shops (mode, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX staff_of_shop ON staff (mode, shop, created_at, id);

-- Deposits, each a ledger with all its entries.
CREATE TABLE ledgers (
    mode    TEXT    NOT NULL,
    shop    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (mode, shop),
    FOREIGN KEY (mode, shop) REFERENCES shops (mode, id) DEFERRABLE INITIALLY DEFERRED
) STRICT;
