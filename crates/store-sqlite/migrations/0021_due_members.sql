-- Who had their turn in a rollout and is asked when it is day where their shop is: their state is `due`, until then.
ALTER TABLE rollout_members ADD COLUMN due_at INTEGER;
CREATE INDEX rollout_members_due ON rollout_members (rollout, due_at, account) WHERE state = 'due';
