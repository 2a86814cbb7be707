-- The same table as in SQLite: see the comments there.
CREATE TABLE notice (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    registry     TEXT NOT NULL,
    text         TEXT NOT NULL,
    path         TEXT NOT NULL,
    at           BIGINT NOT NULL,
    failures     BIGINT NOT NULL DEFAULT 0,
    next_at      BIGINT,
    delivered_at BIGINT,
    failure      TEXT
);
CREATE INDEX notice_at ON notice (at);
CREATE INDEX notice_next ON notice (next_at) WHERE next_at IS NOT NULL;
