-- A link that is shown on another screen opens only for who can read the number beside it.

ALTER TABLE links ADD COLUMN number INTEGER;
