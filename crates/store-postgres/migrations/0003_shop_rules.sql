-- Where a shop stands, to list by; and what an account holds, to let go of it when the account ends.

ALTER TABLE shops ADD COLUMN status TEXT COLLATE "C" NOT NULL DEFAULT 'registered';
UPDATE shops SET status = CASE
    WHEN body::jsonb ->> 'closed_at' IS NOT NULL THEN 'closed'
    WHEN jsonb_array_length(body::jsonb -> 'owners') > 0 THEN 'open'
    ELSE 'registered' END;
CREATE INDEX shops_by_status ON shops (mode, status, created_at, id);

CREATE INDEX claims_of_account ON claims (mode, account_kind, account_id, kind);

-- The ban list: whose shop was closed permanently. Of whom a ban is tells a blind-index tag; the rows of those that ended
-- have none.
CREATE TABLE bans (
    id      TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
    version BIGINT  NOT NULL,
    mode    TEXT    COLLATE "C" NOT NULL,
    ended   BOOLEAN NOT NULL,
    body    TEXT    NOT NULL
);
CREATE INDEX bans_by_age ON bans (mode, ended, id);

CREATE TABLE ban_tags (
    mode        TEXT   COLLATE "C" NOT NULL,
    key_version BIGINT NOT NULL,
    tag         BYTEA  NOT NULL,
    ban         TEXT   COLLATE "C" NOT NULL REFERENCES bans (id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (mode, key_version, tag, ban)
);
CREATE INDEX ban_tags_of_ban ON ban_tags (ban);

-- Re-checks of shops, and on which day each is due, to spread them.
CREATE TABLE rechecks (
    mode    TEXT COLLATE "C" NOT NULL,
    shop    TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    due_day TEXT COLLATE "C" NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (mode, shop),
    FOREIGN KEY (mode, shop) REFERENCES shops (mode, id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX rechecks_by_day ON rechecks (mode, due_day);
