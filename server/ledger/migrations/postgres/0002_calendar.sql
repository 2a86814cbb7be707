-- The same tables as in SQLite: see the comments there. Unquoted, `freeze` is a word of PostgreSQL.
CREATE TABLE "freeze" (
    id       TEXT PRIMARY KEY,
    registry TEXT NOT NULL,
    name     TEXT NOT NULL,
    from_at  BIGINT NOT NULL,
    to_at    BIGINT NOT NULL
);
CREATE INDEX freeze_registry ON "freeze" (registry, from_at);

CREATE TABLE feed (
    id           TEXT PRIMARY KEY,
    registry     TEXT NOT NULL,
    token_sha256 BYTEA NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL
);
CREATE INDEX feed_registry ON feed (registry, created_at);
