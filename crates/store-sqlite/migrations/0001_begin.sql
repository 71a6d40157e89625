-- Aggregates stand whole in `body` (JSON), beside the few columns that are searched.
-- Times are microseconds since 1970. What belongs to a session is checked against it when the transaction ends.

CREATE TABLE sessions (
    id           TEXT    NOT NULL PRIMARY KEY,
    version      INTEGER NOT NULL,
    mode         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    account_kind TEXT    NOT NULL,
    account_id   TEXT    NOT NULL,
    body         TEXT    NOT NULL
) STRICT;
CREATE INDEX sessions_by_status ON sessions (mode, status, id);
CREATE INDEX sessions_by_account ON sessions (account_kind, account_id, id);

CREATE TABLE evidence (
    id       TEXT    NOT NULL PRIMARY KEY,
    session  TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    taken_at INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX evidence_by_session ON evidence (session, taken_at, id);

CREATE TABLE decisions (
    id      TEXT    NOT NULL PRIMARY KEY,
    session TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    at      INTEGER NOT NULL,
    outcome TEXT    NOT NULL,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX decisions_by_session ON decisions (session);

CREATE TABLE records (
    owner  TEXT NOT NULL,
    name   TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT;

CREATE TABLE data_keys (
    owner   TEXT    NOT NULL,
    purpose TEXT    NOT NULL,
    master  INTEGER NOT NULL,
    wrapped BLOB    NOT NULL,
    PRIMARY KEY (owner, purpose)
) STRICT;
CREATE INDEX data_keys_by_master ON data_keys (master);

CREATE TABLE claims (
    kind         TEXT    NOT NULL,
    mode         TEXT    NOT NULL,
    key_version  INTEGER NOT NULL,
    tag          BLOB    NOT NULL,
    account_kind TEXT    NOT NULL,
    account_id   TEXT    NOT NULL,
    session      TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    at           INTEGER NOT NULL,
    PRIMARY KEY (kind, mode, key_version, tag)
) STRICT;
CREATE INDEX claims_by_session ON claims (session);

CREATE TABLE cases (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    mode    TEXT    NOT NULL,
    open    INTEGER NOT NULL,
    due_at  INTEGER NOT NULL,
    session TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX cases_by_deadline ON cases (open, due_at, id);
CREATE INDEX cases_by_session ON cases (session);

CREATE TABLE events (
    position     INTEGER NOT NULL PRIMARY KEY,
    id           TEXT    NOT NULL UNIQUE,
    mode         TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    account_kind TEXT    NOT NULL,
    account_id   TEXT    NOT NULL,
    sequence     INTEGER NOT NULL,
    object       TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    data         TEXT    NOT NULL,
    UNIQUE (mode, account_kind, account_id, sequence)
) STRICT;
CREATE INDEX events_by_object ON events (object, position);
CREATE INDEX events_by_account ON events (account_kind, account_id, position);

CREATE TABLE endpoints (
    id         TEXT    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    mode       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT;

-- No reference to the endpoint: what was sent stays known when the endpoint is gone.
CREATE TABLE deliveries (
    position INTEGER NOT NULL PRIMARY KEY,
    event    TEXT    NOT NULL REFERENCES events (id) DEFERRABLE INITIALLY DEFERRED,
    endpoint TEXT    NOT NULL,
    attempt  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    status   INTEGER,
    error    TEXT
) STRICT;
CREATE INDEX deliveries_by_event ON deliveries (event, position);

CREATE TABLE api_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT;

CREATE TABLE users (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    login   TEXT    NOT NULL UNIQUE,
    body    TEXT    NOT NULL
) STRICT;

CREATE TABLE sign_ins (
    id         TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    "user"     TEXT    NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX sign_ins_by_user ON sign_ins ("user");
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at);

CREATE TABLE links (
    hash       BLOB    NOT NULL PRIMARY KEY,
    session    TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at INTEGER NOT NULL,
    opened_at  INTEGER
) STRICT;
CREATE INDEX links_by_session ON links (session);
CREATE INDEX links_by_end ON links (expires_at);

CREATE TABLE visits (
    hash       BLOB    NOT NULL PRIMARY KEY,
    session    TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX visits_by_session ON visits (session);
CREATE INDEX visits_by_end ON visits (expires_at);

CREATE TABLE idempotent_answers (
    api_key         TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    request         BLOB    NOT NULL,
    status          INTEGER NOT NULL,
    body            BLOB    NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (api_key, idempotency_key)
) STRICT;
CREATE INDEX idempotent_answers_by_end ON idempotent_answers (expires_at);

-- `due_at` is when a job can be leased next: its time while it waits, the end of its lease while it runs.
CREATE TABLE jobs (
    id      TEXT    NOT NULL PRIMARY KEY,
    job     TEXT    NOT NULL,
    state   TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'dead')),
    due_at  INTEGER NOT NULL,
    dedup   TEXT,
    attempt INTEGER NOT NULL,
    fence   INTEGER NOT NULL,
    worker  TEXT,
    error   TEXT,
    died_at INTEGER
) STRICT;
CREATE UNIQUE INDEX jobs_once ON jobs (dedup) WHERE dedup IS NOT NULL AND state <> 'dead';
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE state <> 'dead';
CREATE INDEX jobs_dead ON jobs (died_at, id) WHERE state = 'dead';

CREATE TABLE audit (
    position INTEGER NOT NULL PRIMARY KEY,
    id       TEXT    NOT NULL UNIQUE,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    object   TEXT    NOT NULL,
    purpose  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_by_object ON audit (object, position);
