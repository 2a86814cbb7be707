-- The same tables as in SQLite: see the comments there.
CREATE TABLE finding (
    id        TEXT NOT NULL,
    registry  TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    body      TEXT NOT NULL,
    PRIMARY KEY (registry, id, opened_at)
);
CREATE INDEX finding_opened ON finding (registry, opened_at);

CREATE TABLE image_scan (
    id         TEXT PRIMARY KEY,
    registry   TEXT NOT NULL,
    image      TEXT NOT NULL,
    scanned_at BIGINT NOT NULL,
    body       TEXT NOT NULL
);
CREATE INDEX image_scan_image ON image_scan (registry, image, scanned_at);

CREATE TABLE "exception" (
    id           TEXT PRIMARY KEY,
    registry     TEXT NOT NULL,
    body         TEXT NOT NULL,
    entry        BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX exception_registry ON "exception" (registry, created_at);

CREATE TABLE compliance_setting (
    registry   TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    entry      BIGINT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (registry, changed_at, entry)
);

CREATE TABLE vulnerability_feed (
    kind  TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    file  BYTEA NOT NULL
);
