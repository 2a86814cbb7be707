-- Tokens themselves are never stored: whoever reads this file can sign in as nobody.
CREATE TABLE sessions (
    token_sha256 BLOB PRIMARY KEY,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_links (
    token_sha256 BLOB PRIMARY KEY,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
