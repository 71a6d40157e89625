-- Where a shop stands, to list by; and what an account holds, to let go of it when the account ends.

ALTER TABLE shops ADD COLUMN status TEXT COLLATE "C" NOT NULL DEFAULT 'registered';
UPDATE shops SET status = CASE
    WHEN body::jsonb ->> 'closed_at' IS NOT NULL THEN 'closed'
    WHEN jsonb_array_length(body::jsonb -> 'owners') > 0 THEN 'open'
    ELSE 'registered' END;
CREATE INDEX shops_by_status ON shops (mode, status, created_at, id);

CREATE INDEX claims_of_account ON claims (mode, account_kind, account_id, kind);
