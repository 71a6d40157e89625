-- Re-checks and first verifications take people differently long.

ALTER TABLE paces ADD COLUMN recheck BIGINT NOT NULL DEFAULT 0;
