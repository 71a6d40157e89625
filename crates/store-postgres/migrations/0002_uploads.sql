-- Pictures that are on their way in pieces. The pieces themselves are blobs.

CREATE TABLE uploads (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    session TEXT   COLLATE "C" NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    body    TEXT   NOT NULL
);
CREATE INDEX uploads_by_session ON uploads (session, id);
