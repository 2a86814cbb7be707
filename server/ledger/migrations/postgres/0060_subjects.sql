-- People are told apart by what vouches for them, and not by a name that two may share. Whoever is
-- signed in signs in once more.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN subject TEXT NOT NULL DEFAULT '';
-- Who proposed, as a salted digest of that; empty once the person is erased.
ALTER TABLE proposal ADD COLUMN proposer_mark TEXT NOT NULL DEFAULT '';
-- Of what waits, nobody knows whose it is: it is to be proposed again.
UPDATE proposal SET state = 'stale' WHERE state = 'waiting';
DELETE FROM notice WHERE kind = 'proposal.waiting';
