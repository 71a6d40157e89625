-- About which account a message is: an inbox lists by it. Links and codes are about none.
ALTER TABLE notices ADD COLUMN account TEXT;
UPDATE notices
SET account = json_extract(body, '$.mode') || '/' || json_extract(body, '$.message.account.kind') || ':'
    || json_extract(body, '$.message.account.id')
WHERE json_extract(body, '$.message.account.id') IS NOT NULL;
CREATE INDEX notices_by_account ON notices (account, id);
