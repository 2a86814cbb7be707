-- What was found in images, and when it began and ceased to be so. A body is the finding as JSON.
CREATE TABLE finding (
    id        TEXT NOT NULL,
    registry  TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    body      TEXT NOT NULL,
    PRIMARY KEY (registry, id, opened_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_opened ON finding (registry, opened_at);

-- One row for each scan of a tag's newest image, whatever came of it. An image is its repository and
-- the tag that its patches are named after, with a colon between them.
CREATE TABLE image_scan (
    id         TEXT PRIMARY KEY,
    registry   TEXT NOT NULL,
    image      TEXT NOT NULL,
    scanned_at INTEGER NOT NULL,
    body       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX image_scan_image ON image_scan (registry, image, scanned_at);

-- Findings that somebody accepted. Who did is in the audit trail, whose entry is named.
CREATE TABLE exception (
    id           TEXT PRIMARY KEY,
    registry     TEXT NOT NULL,
    body         TEXT NOT NULL,
    entry        INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX exception_registry ON exception (registry, created_at);

-- Exposure and deadlines of a registry: a new row for each change, so that any day can be told.
CREATE TABLE compliance_setting (
    registry   TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    entry      INTEGER NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (registry, changed_at, entry)
) STRICT, WITHOUT ROWID;

-- The newest file of each vulnerability feed, as it was read: every process of a console has the same.
CREATE TABLE vulnerability_feed (
    kind  TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    file  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
