-- Live captures that were begun: opened once, with the browser that asked.

CREATE TABLE captures (
    hash       BLOB    NOT NULL PRIMARY KEY,
    session    TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    expires_at INTEGER NOT NULL,
    opened_at  INTEGER,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX captures_by_session ON captures (session);
CREATE INDEX captures_by_end ON captures (expires_at);
