-- After-sales requests. `due_at` stands only while one is to be reviewed. What buyers wrote and showed is sealed elsewhere.
CREATE TABLE aftersales (
    id      TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    mode    TEXT   COLLATE "C" NOT NULL,
    state   TEXT   COLLATE "C" NOT NULL,
    buyer   TEXT   COLLATE "C" NOT NULL,
    due_at  BIGINT,
    body    TEXT   NOT NULL
);
CREATE INDEX aftersales_by_state ON aftersales (mode, state, id);
CREATE INDEX aftersales_by_buyer ON aftersales (mode, buyer, id);
CREATE INDEX aftersales_by_deadline ON aftersales (due_at, id);

-- Who may act for one: a link that opens once, or the visit that came of it.
CREATE TABLE aftersales_passes (
    hash       BYTEA   NOT NULL PRIMARY KEY,
    aftersales TEXT    COLLATE "C" NOT NULL REFERENCES aftersales (id) DEFERRABLE INITIALLY DEFERRED,
    is_link    BOOLEAN NOT NULL,
    expires_at BIGINT  NOT NULL,
    used_at    BIGINT
);
CREATE INDEX aftersales_passes_by_end ON aftersales_passes (expires_at);
CREATE INDEX aftersales_passes_of_request ON aftersales_passes (aftersales);
