-- Sessions get a name that a page may show, a token that changes while they go on, and what their
-- holder reaches. Whoever is signed in signs in once more.
DROP TABLE sessions;
CREATE TABLE sessions (
    id              TEXT PRIMARY KEY,
    token_sha256    BLOB NOT NULL UNIQUE,
    -- The token before: an answer with the new one may be lost on its way.
    previous_sha256 BLOB,
    renewed_at      INTEGER NOT NULL,
    -- When the new one was first presented; the one before ends soon after.
    confirmed_at    INTEGER,
    actor           TEXT NOT NULL,
    role            TEXT NOT NULL,
    scope           TEXT NOT NULL,
    -- How the person signed in: `link`, or the provider's name.
    method          TEXT NOT NULL,
    -- The role as which an administrator looks at the console for a while.
    viewing_as      TEXT,
    -- What the provider wants to see when the session is to end there too. Nobody is signed in by it.
    id_token        TEXT,
    created_at      INTEGER NOT NULL,
    used_at         INTEGER NOT NULL,
    idle_at         INTEGER,
    expires_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_previous ON sessions (previous_sha256);
