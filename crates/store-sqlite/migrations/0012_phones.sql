-- Codes that prove phones. Phones, browsers and addresses are keyed hashes: for counting, for two days.

CREATE TABLE phone_codes (
    notice   TEXT    NOT NULL PRIMARY KEY REFERENCES notices (id) DEFERRABLE INITIALLY DEFERRED,
    version  INTEGER NOT NULL,
    session  TEXT    NOT NULL,
    mode     TEXT    NOT NULL,
    phone    TEXT    NOT NULL,
    device   TEXT    NOT NULL,
    address  TEXT,
    asked_at INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;
CREATE INDEX phone_codes_by_session ON phone_codes (session, notice);
CREATE INDEX phone_codes_by_phone ON phone_codes (mode, phone, asked_at);
CREATE INDEX phone_codes_by_device ON phone_codes (mode, device, asked_at);
CREATE INDEX phone_codes_by_address ON phone_codes (mode, address, asked_at);
CREATE INDEX phone_codes_by_time ON phone_codes (asked_at);

-- Messages go to the people of a shop: `mode/id`, of the shop.
ALTER TABLE notices ADD COLUMN shop TEXT;
CREATE INDEX notices_by_shop ON notices (shop, id);
