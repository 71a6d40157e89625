-- Pictures that are on their way in pieces. The pieces themselves are blobs.

CREATE TABLE uploads (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    session TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX uploads_by_session ON uploads (session, id);
