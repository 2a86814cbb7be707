-- Changes that wait, or waited, for a second person. `change` is JSON, and never changes.
CREATE TABLE proposal (
    id          TEXT PRIMARY KEY,
    registry    TEXT NOT NULL,
    change      TEXT NOT NULL,
    -- What was deployed then.
    base_policy TEXT,
    base_cron   TEXT,
    proposer    TEXT NOT NULL,
    comment     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    entry       INTEGER NOT NULL,
    state       TEXT NOT NULL,
    decided_by  TEXT,
    decided_at  INTEGER,
    decision    TEXT,
    outcome     TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX proposal_registry ON proposal (registry, at);
-- Each is made against what is deployed, so carrying one out would make every other one stale.
CREATE UNIQUE INDEX proposal_waiting ON proposal (registry) WHERE state = 'waiting';
