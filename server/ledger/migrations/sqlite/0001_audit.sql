-- The audit trail is two lists that only grow: what was begun, and how it ended. Nothing in them is
-- ever updated, so a later migration can chain their rows by hash without rewriting history.
CREATE TABLE entries (
    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Microseconds since 1970, as everywhere in this database.
    begun_at  INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    operation TEXT NOT NULL,
    object    TEXT NOT NULL,
    detail    TEXT NOT NULL
) STRICT;

CREATE TABLE outcomes (
    sequence     INTEGER PRIMARY KEY REFERENCES entries (sequence),
    completed_at INTEGER NOT NULL,
    outcome      TEXT NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'unknown')),
    detail       TEXT NOT NULL
) STRICT;

CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER outcomes_are_kept BEFORE DELETE ON outcomes
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER outcomes_are_final BEFORE UPDATE ON outcomes
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
