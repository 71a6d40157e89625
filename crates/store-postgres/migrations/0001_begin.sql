-- Aggregates stand whole in `body` (JSON), beside the few columns that are searched.
-- Times are microseconds since 1970. What belongs to a session is checked against it when the transaction ends.
-- Text is compared byte by byte, whatever the database's own order is: ids grow with time, and pages follow it.

CREATE TABLE sessions (
    id           TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version      BIGINT NOT NULL,
    mode         TEXT   COLLATE "C" NOT NULL,
    status       TEXT   COLLATE "C" NOT NULL,
    account_kind TEXT   COLLATE "C" NOT NULL,
    account_id   TEXT   COLLATE "C" NOT NULL,
    body         TEXT   NOT NULL
);
CREATE INDEX sessions_by_status ON sessions (mode, status, id);
CREATE INDEX sessions_by_account ON sessions (account_id, id);

CREATE TABLE evidence (
    id       TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    session  TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    taken_at BIGINT NOT NULL,
    body     TEXT   NOT NULL
);
CREATE INDEX evidence_by_session ON evidence (session, taken_at, id);

CREATE TABLE decisions (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    session TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    at      BIGINT NOT NULL,
    outcome TEXT   COLLATE "C" NOT NULL,
    body    TEXT   NOT NULL
);
CREATE INDEX decisions_by_session ON decisions (session);

CREATE TABLE records (
    owner  TEXT  COLLATE "C" NOT NULL,
    name   TEXT  COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (owner, name)
);

CREATE TABLE data_keys (
    owner   TEXT   COLLATE "C" NOT NULL,
    purpose TEXT   COLLATE "C" NOT NULL,
    master  BIGINT NOT NULL,
    wrapped BYTEA  NOT NULL,
    PRIMARY KEY (owner, purpose)
);
CREATE INDEX data_keys_by_master ON data_keys (master);

CREATE TABLE claims (
    kind         TEXT   COLLATE "C" NOT NULL,
    mode         TEXT   COLLATE "C" NOT NULL,
    key_version  BIGINT NOT NULL,
    tag          BYTEA  NOT NULL,
    account_kind TEXT   COLLATE "C" NOT NULL,
    account_id   TEXT   COLLATE "C" NOT NULL,
    session      TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    at           BIGINT NOT NULL,
    PRIMARY KEY (kind, mode, key_version, tag)
);
CREATE INDEX claims_by_session ON claims (session);

CREATE TABLE cases (
    id           TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    version      BIGINT  NOT NULL,
    mode         TEXT    COLLATE "C" NOT NULL,
    open         BOOLEAN NOT NULL,
    due_at       BIGINT  NOT NULL,
    session      TEXT    COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    account_kind TEXT    COLLATE "C" NOT NULL,
    account_id   TEXT    COLLATE "C" NOT NULL,
    body         TEXT    NOT NULL
);
CREATE INDEX cases_by_deadline ON cases (open, due_at, id);
CREATE INDEX cases_by_session ON cases (session);
CREATE INDEX cases_by_account ON cases (account_id, due_at, id);

-- The last number of each account. Whoever appends an event holds the row until it is committed: numbers have no gaps.
CREATE TABLE event_numbers (
    mode         TEXT   COLLATE "C" NOT NULL,
    account_kind TEXT   COLLATE "C" NOT NULL,
    account_id   TEXT   COLLATE "C" NOT NULL,
    last         BIGINT NOT NULL,
    PRIMARY KEY (mode, account_kind, account_id)
) WITH (fillfactor = 50);

CREATE TABLE events (
    position     BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           TEXT   COLLATE "C" NOT NULL UNIQUE,
    mode         TEXT   COLLATE "C" NOT NULL,
    kind         TEXT   COLLATE "C" NOT NULL,
    account_kind TEXT   COLLATE "C" NOT NULL,
    account_id   TEXT   COLLATE "C" NOT NULL,
    sequence     BIGINT NOT NULL,
    object       TEXT   COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    data         TEXT   NOT NULL,
    UNIQUE (mode, account_kind, account_id, sequence)
);
CREATE INDEX events_by_object ON events (object, position);
CREATE INDEX events_by_account ON events (account_kind, account_id, position);

CREATE TABLE endpoints (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version    BIGINT NOT NULL,
    mode       TEXT   COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    body       TEXT   NOT NULL
);

-- No reference to the endpoint: what was sent stays known when the endpoint is gone.
CREATE TABLE deliveries (
    position BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event    TEXT   COLLATE "C" NOT NULL REFERENCES events (id) DEFERRABLE INITIALLY DEFERRED,
    endpoint TEXT   COLLATE "C" NOT NULL,
    attempt  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    status   BIGINT,
    error    TEXT
);
CREATE INDEX deliveries_by_event ON deliveries (event, position);

CREATE TABLE api_keys (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    hash       BYTEA  NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    body       TEXT   NOT NULL
);

CREATE TABLE users (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    login   TEXT   COLLATE "C" NOT NULL UNIQUE,
    body    TEXT   NOT NULL
);

CREATE TABLE sign_ins (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    hash       BYTEA  NOT NULL UNIQUE,
    "user"     TEXT   COLLATE "C" NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at BIGINT NOT NULL,
    body       TEXT   NOT NULL
);
CREATE INDEX sign_ins_by_user ON sign_ins ("user");
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at);

-- A link that is shown on another screen opens only for who can read the number beside it.
CREATE TABLE links (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    session    TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at BIGINT NOT NULL,
    opened_at  BIGINT,
    number     BIGINT
);
CREATE INDEX links_by_session ON links (session);
CREATE INDEX links_by_end ON links (expires_at);

CREATE TABLE visits (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    session    TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at BIGINT NOT NULL
);
CREATE INDEX visits_by_session ON visits (session);
CREATE INDEX visits_by_end ON visits (expires_at);

-- Live captures that were begun: opened once, with the browser that asked.
CREATE TABLE captures (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    session    TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at BIGINT NOT NULL,
    opened_at  BIGINT,
    body       TEXT   NOT NULL
);
CREATE INDEX captures_by_session ON captures (session);
CREATE INDEX captures_by_end ON captures (expires_at);

-- Links to go on later that are sent to people. To whom stands sealed in records.
CREATE TABLE notices (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    session TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    body    TEXT   NOT NULL
);
CREATE INDEX notices_by_session ON notices (session, id);

CREATE TABLE idempotent_answers (
    api_key         TEXT   COLLATE "C" NOT NULL,
    route           TEXT   COLLATE "C" NOT NULL,
    idempotency_key TEXT   COLLATE "C" NOT NULL,
    request         BYTEA  NOT NULL,
    sealed          BYTEA  NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (api_key, route, idempotency_key)
);
CREATE INDEX idempotent_answers_by_end ON idempotent_answers (expires_at);

-- `due_at` is when a job can be leased next: its time while it waits, the end of its lease while it runs. A job that is
-- held for its clock until a time of that clock has `held_until`, and a `due_at` that never comes.
CREATE TABLE jobs (
    id         TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    job        TEXT   NOT NULL,
    state      TEXT   COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'dead')),
    due_at     BIGINT NOT NULL,
    dedup      TEXT   COLLATE "C",
    clock      TEXT   COLLATE "C",
    held_until BIGINT,
    attempt    BIGINT NOT NULL,
    fence      BIGINT NOT NULL,
    worker     TEXT,
    error      TEXT,
    died_at    BIGINT
);
CREATE UNIQUE INDEX jobs_once ON jobs (dedup) WHERE dedup IS NOT NULL AND state <> 'dead';
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state <> 'dead';
CREATE INDEX jobs_dead ON jobs (died_at, id) WHERE state = 'dead';
CREATE INDEX jobs_of_clock ON jobs (clock, held_until) WHERE clock IS NOT NULL AND state <> 'dead';

-- Clocks that are turned by hand, and what lives by them.
CREATE TABLE clocks (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL
);

-- Shops and sub-accounts are known by the marketplace's own ids, in each mode for itself.
CREATE TABLE shops (
    mode       TEXT   COLLATE "C" NOT NULL,
    id         TEXT   COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (mode, id)
);
CREATE INDEX shops_by_age ON shops (mode, created_at, id);

CREATE TABLE staff (
    mode       TEXT    COLLATE "C" NOT NULL,
    id         TEXT    COLLATE "C" NOT NULL,
    version    BIGINT  NOT NULL,
    shop       TEXT    COLLATE "C" NOT NULL,
    standing   TEXT    COLLATE "C" NOT NULL,
    reviewed   BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (mode, id),
    FOREIGN KEY (mode, shop) REFERENCES shops (mode, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX staff_of_shop ON staff (mode, shop, created_at, id);

-- Deposits, each a ledger with all its entries.
CREATE TABLE ledgers (
    mode    TEXT   COLLATE "C" NOT NULL,
    shop    TEXT   COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (mode, shop),
    FOREIGN KEY (mode, shop) REFERENCES shops (mode, id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE audit (
    position BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id       TEXT   COLLATE "C" NOT NULL UNIQUE,
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    action   TEXT   NOT NULL,
    object   TEXT   COLLATE "C" NOT NULL,
    purpose  TEXT   NOT NULL
);
CREATE INDEX audit_by_object ON audit (object, position);
