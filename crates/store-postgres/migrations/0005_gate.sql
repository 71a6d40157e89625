-- The gate: its rules in their versions, and what it was asked. Nobody stands in what was asked.

CREATE TABLE gate_rules (
    mode    TEXT   COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (mode, version)
);

CREATE TABLE gate_requests (
    mode TEXT   COLLATE "C" NOT NULL,
    at   BIGINT NOT NULL,
    body TEXT   NOT NULL
);
CREATE INDEX gate_requests_by_time ON gate_requests (at, mode);

-- Somebody who owns a shop may buy: the identities of buyers are a world of their own.
UPDATE claims SET kind = 'identity:buyer' WHERE kind = 'identity' AND account_kind = 'buyer';

-- Rollouts, whom each means, and what became of them; `day` is empty while they wait.
CREATE TABLE rollouts (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    mode    TEXT   COLLATE "C" NOT NULL,
    status  TEXT   COLLATE "C" NOT NULL,
    body    TEXT   NOT NULL
);
CREATE INDEX rollouts_by_status ON rollouts (mode, status, id);

CREATE TABLE rollout_members (
    rollout TEXT   COLLATE "C" NOT NULL REFERENCES rollouts (id) DEFERRABLE INITIALLY DEFERRED,
    account TEXT   COLLATE "C" NOT NULL,
    place   BIGINT NOT NULL,
    state   TEXT   COLLATE "C" NOT NULL,
    day     TEXT   COLLATE "C" NOT NULL,
    PRIMARY KEY (rollout, account)
);
CREATE INDEX rollout_members_waiting ON rollout_members (rollout, state, place, account);
CREATE INDEX rollout_members_by_day ON rollout_members (rollout, day, state);
