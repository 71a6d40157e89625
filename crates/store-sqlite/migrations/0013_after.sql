-- After-sales requests. `due_at` stands only while one is to be reviewed. What buyers wrote and showed is sealed elsewhere.
CREATE TABLE aftersales (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    mode    TEXT    NOT NULL,
    state   TEXT    NOT NULL,
    buyer   TEXT    NOT NULL,
    due_at  INTEGER,
    body    TEXT    NOT NULL
) STRICT;
CREATE INDEX aftersales_by_state ON aftersales (mode, state, id);
CREATE INDEX aftersales_by_buyer ON aftersales (mode, buyer, id);
CREATE INDEX aftersales_by_deadline ON aftersales (due_at, id);

-- Who may act for one: a link that opens once, or the visit that came of it.
CREATE TABLE aftersales_passes (
    hash       BLOB    NOT NULL PRIMARY KEY,
    aftersales TEXT    NOT NULL REFERENCES aftersales (id) DEFERRABLE INITIALLY DEFERRED,
    is_link    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX aftersales_passes_by_end ON aftersales_passes (expires_at);
CREATE INDEX aftersales_passes_of_request ON aftersales_passes (aftersales);
