-- The audit trail as a chain. `body` is the canonical JSON that `hash` covers together with the hash
-- before; every other column is made from it, so that none can say anything else.
CREATE TABLE chain (
    sequence   INTEGER PRIMARY KEY,
    body       TEXT NOT NULL,
    hash       BLOB NOT NULL,
    written_at INTEGER NOT NULL GENERATED ALWAYS AS (body ->> '$.at') STORED,
    begun_at   INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(body ->> '$.begun_at', body ->> '$.at')) STORED,
    completes  INTEGER GENERATED ALWAYS AS (body ->> '$.of') STORED,
    -- The entry under which this one is listed: the one that it completes, or itself.
    listed     INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(body ->> '$.of', body ->> '$.sequence')) STORED,
    actor      TEXT GENERATED ALWAYS AS (body ->> '$.actor') STORED,
    client     TEXT GENERATED ALWAYS AS (body ->> '$.client') STORED,
    operation  TEXT GENERATED ALWAYS AS (body ->> '$.operation') STORED,
    object     TEXT GENERATED ALWAYS AS (body ->> '$.object') STORED,
    outcome    TEXT GENERATED ALWAYS AS (body ->> '$.outcome') STORED
) STRICT;

CREATE INDEX chain_time ON chain (written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_actor ON chain (actor, written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_operation ON chain (operation, written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_object ON chain (object, written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_outcome ON chain (outcome, begun_at, listed) WHERE outcome IS NOT NULL;
CREATE INDEX chain_completes ON chain (completes) WHERE completes IS NOT NULL;

-- Which entry names what: run ids, digests, repositories. Made from the bodies, and can be made again.
CREATE TABLE mention (
    term     TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (term, begun_at, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_sequence ON mention (sequence);

-- What has begun and is not complete, and in which process.
CREATE TABLE open_entry (
    sequence INTEGER PRIMARY KEY,
    begun_at INTEGER NOT NULL,
    owner    TEXT NOT NULL
) STRICT;

-- Checkpoints and tombstones: canonical JSON, and the Ed25519 signature over it.
CREATE TABLE statement (
    sequence  INTEGER NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('checkpoint', 'tombstone')),
    key       BLOB NOT NULL,
    at        INTEGER NOT NULL,
    body      TEXT NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (kind, sequence, key)
) STRICT, WITHOUT ROWID;

-- What pseudonyms stand for. Rows may go: the chain holds the pseudonyms alone.
CREATE TABLE personal (
    id      TEXT PRIMARY KEY,
    salt    BLOB NOT NULL,
    -- The person's name, under which all of a person's rows are found and erased.
    subject TEXT NOT NULL,
    data    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX personal_subject ON personal (subject, data);

CREATE TABLE lease (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER chain_is_final BEFORE UPDATE ON chain
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER chain_is_kept BEFORE DELETE ON chain
WHEN old.sequence > coalesce((SELECT max(sequence) FROM statement WHERE kind = 'tombstone'), 0)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only, but for what a tombstone stands for'); END;

-- The rows from before are read into the chain at the first start, which then drops their tables.
DROP TRIGGER entries_are_kept;
DROP TRIGGER entries_are_final;
DROP TRIGGER outcomes_are_kept;
DROP TRIGGER outcomes_are_final;
