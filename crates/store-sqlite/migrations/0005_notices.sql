-- Links to go on later that are sent to people. To whom stands sealed in records.

CREATE TABLE notices (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    session TEXT    NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX notices_by_session ON notices (session, id);
