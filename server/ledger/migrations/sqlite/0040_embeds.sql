-- Sites whose pages may show views of the console in a frame.
CREATE TABLE embed_host (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    origin     TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The public keys by which a site's backend vouches for its visitors, as JWK.
CREATE TABLE embed_key (
    id         TEXT PRIMARY KEY,
    host       TEXT NOT NULL REFERENCES embed_host (id) ON DELETE CASCADE,
    kid        TEXT NOT NULL,
    jwk        TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    thumbprint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    UNIQUE (host, kid)
) STRICT, WITHOUT ROWID;

-- One view for some sites; `scope` is JSON.
CREATE TABLE embed (
    id         TEXT PRIMARY KEY,
    scope      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE embed_place (
    embed TEXT NOT NULL REFERENCES embed (id) ON DELETE CASCADE,
    host  TEXT NOT NULL REFERENCES embed_host (id) ON DELETE CASCADE,
    PRIMARY KEY (embed, host)
) STRICT, WITHOUT ROWID;

-- Tokens that were used, until they would have expired anyway.
CREATE TABLE embed_token (
    host       TEXT NOT NULL,
    jti        TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (host, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX embed_token_expiry ON embed_token (expires_at);

-- Visitors of frames, for some minutes. `subject` is the site's own name for the person.
CREATE TABLE embed_session (
    token_sha256 BLOB PRIMARY KEY,
    embed        TEXT NOT NULL REFERENCES embed (id) ON DELETE CASCADE,
    key          TEXT NOT NULL REFERENCES embed_key (id) ON DELETE CASCADE,
    origin       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    scope        TEXT NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX embed_session_expiry ON embed_session (expires_at);
CREATE INDEX embed_session_subject ON embed_session (subject);
