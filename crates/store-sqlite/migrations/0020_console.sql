-- What the console looks shops up by: the company that one is of ('' of an individual's), how its re-checks stand (`ended`
-- once it is closed for ever), and for which shop a ban is.
ALTER TABLE shops ADD COLUMN company TEXT NOT NULL DEFAULT '';
UPDATE shops SET company = COALESCE(json_extract(body, '$.company.credit_code'), '');
CREATE INDEX shops_of_company ON shops (mode, company, created_at, id) WHERE company <> '';

ALTER TABLE rechecks ADD COLUMN state TEXT NOT NULL DEFAULT 'resting';
UPDATE rechecks SET state = CASE
    WHEN due_day = '9999-12-31' THEN 'ended'
    WHEN json_extract(body, '$.restricted') IS NOT NULL THEN 'restricted'
    WHEN json_extract(body, '$.asked') IS NOT NULL THEN 'asked'
    ELSE 'resting' END;
CREATE INDEX rechecks_by_state ON rechecks (mode, state, shop);

ALTER TABLE bans ADD COLUMN shop TEXT NOT NULL DEFAULT '';
UPDATE bans SET shop = json_extract(body, '$.shop');
CREATE INDEX bans_of_shop ON bans (mode, shop, id);
