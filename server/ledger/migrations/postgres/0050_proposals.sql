-- The same table as in SQLite: see the comments there.
CREATE TABLE proposal (
    id          TEXT PRIMARY KEY,
    registry    TEXT NOT NULL,
    change      TEXT NOT NULL,
    base_policy TEXT,
    base_cron   TEXT,
    proposer    TEXT NOT NULL,
    comment     TEXT NOT NULL,
    at          BIGINT NOT NULL,
    entry       BIGINT NOT NULL,
    state       TEXT NOT NULL,
    decided_by  TEXT,
    decided_at  BIGINT,
    decision    TEXT,
    outcome     TEXT
);
CREATE INDEX proposal_registry ON proposal (registry, at);
CREATE UNIQUE INDEX proposal_waiting ON proposal (registry) WHERE state = 'waiting';
