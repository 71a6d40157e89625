-- The gate: its rules in their versions, and what it was asked. Nobody stands in what was asked.

CREATE TABLE gate_rules (
    mode    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (mode, version)
) STRICT;

CREATE TABLE gate_requests (
    mode TEXT    NOT NULL,
    at   INTEGER NOT NULL,
    body TEXT    NOT NULL
) STRICT;
CREATE INDEX gate_requests_by_time ON gate_requests (at, mode);

-- Somebody who owns a shop may buy: the identities of buyers are a world of their own.
UPDATE claims SET kind = 'identity:buyer' WHERE kind = 'identity' AND account_kind = 'buyer';
