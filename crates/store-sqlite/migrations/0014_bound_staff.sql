-- Whether somebody is bound to a sub-account: of who is, a demand is a re-check, and lists tell the two apart.
ALTER TABLE staff ADD COLUMN bound INTEGER NOT NULL DEFAULT 0;
UPDATE staff SET bound = 1
WHERE json_array_length(body, '$.bindings') > 0 AND json_extract(body, '$.bindings[#-1].ended') IS NULL;
