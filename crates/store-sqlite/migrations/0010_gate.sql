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

-- Rollouts, whom each means, and what became of them; `day` is empty while they wait.
CREATE TABLE rollouts (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    mode    TEXT    NOT NULL,
    status  TEXT    NOT NULL,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX rollouts_by_status ON rollouts (mode, status, id);

CREATE TABLE rollout_members (
    rollout TEXT    NOT NULL REFERENCES rollouts (id) DEFERRABLE INITIALLY DEFERRED,
    account TEXT    NOT NULL,
    place   INTEGER NOT NULL,
    state   TEXT    NOT NULL,
    day     TEXT    NOT NULL,
    PRIMARY KEY (rollout, account)
) STRICT;
CREATE INDEX rollout_members_waiting ON rollout_members (rollout, state, place, account);
CREATE INDEX rollout_members_by_day ON rollout_members (rollout, day, state);
