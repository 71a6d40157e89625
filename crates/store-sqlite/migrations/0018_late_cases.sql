-- How late a case is: 0 in time, 1 escalated, 2 overdue. The list of what is late is read often, and by this.
ALTER TABLE cases ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
CREATE INDEX cases_by_lateness ON cases (open, late, due_at, id);
