-- About which account a message is: an inbox lists by it. Links and codes are about none.
ALTER TABLE notices ADD COLUMN account TEXT COLLATE "C";
UPDATE notices
SET account = (body::jsonb ->> 'mode') || '/' || (body::jsonb #>> '{message,account,kind}') || ':'
    || (body::jsonb #>> '{message,account,id}')
WHERE (body::jsonb #>> '{message,account,id}') IS NOT NULL;
CREATE INDEX notices_by_account ON notices (account, id);
