-- Answers under idempotency keys belong to a route too, and are kept whole, sealed: what stood here named only what
-- had been made, and was worth a day at most.
DROP TABLE idempotent_answers;
CREATE TABLE idempotent_answers (
    api_key         TEXT    NOT NULL,
    route           TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    request         BLOB    NOT NULL,
    sealed          BLOB    NOT NULL,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (api_key, route, idempotency_key)
) STRICT;
CREATE INDEX idempotent_answers_by_end ON idempotent_answers (expires_at);

-- Sessions and cases are searched by account, with or without its kind.
DROP INDEX sessions_by_account;
CREATE INDEX sessions_by_account ON sessions (account_id, id);
ALTER TABLE cases ADD COLUMN account_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
UPDATE cases SET account_kind = body ->> '$.account.kind', account_id = body ->> '$.account.id';
CREATE INDEX cases_by_account ON cases (account_id, due_at, id);
