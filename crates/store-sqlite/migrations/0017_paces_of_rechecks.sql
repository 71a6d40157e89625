-- Re-checks and first verifications take people differently long.

ALTER TABLE paces ADD COLUMN recheck INTEGER NOT NULL DEFAULT 0;
