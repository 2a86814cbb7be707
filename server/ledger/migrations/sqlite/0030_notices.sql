-- What somebody should hear of, each thing once, and what became of sending it.
CREATE TABLE notice (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    registry     TEXT NOT NULL,
    text         TEXT NOT NULL,
    path         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    failures     INTEGER NOT NULL DEFAULT 0,
    -- NULL: not to be sent, or not again.
    next_at      INTEGER,
    delivered_at INTEGER,
    failure      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_at ON notice (at);
CREATE INDEX notice_next ON notice (next_at) WHERE next_at IS NOT NULL;
