-- Times in which nothing should change, by registry. Who declared them is in the audit trail.
CREATE TABLE freeze (
    id       TEXT PRIMARY KEY,
    registry TEXT NOT NULL,
    name     TEXT NOT NULL,
    from_at  INTEGER NOT NULL,
    to_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX freeze_registry ON freeze (registry, from_at);

-- Links that a calendar program reads a registry's planned runs by, until they are revoked.
CREATE TABLE feed (
    id           TEXT PRIMARY KEY,
    registry     TEXT NOT NULL,
    token_sha256 BLOB NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_registry ON feed (registry, created_at);
