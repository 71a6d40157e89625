-- Whether somebody is bound to a sub-account: of who is, a demand is a re-check, and lists tell the two apart.
ALTER TABLE staff ADD COLUMN bound BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE staff SET bound = TRUE
WHERE jsonb_array_length(body::jsonb -> 'bindings') > 0 AND (body::jsonb #>> '{bindings,-1,ended}') IS NULL;
