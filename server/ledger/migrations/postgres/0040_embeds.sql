-- The same tables as in SQLite: see the comments there.
CREATE TABLE embed_host (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    origin     TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE embed_key (
    id         TEXT PRIMARY KEY,
    host       TEXT NOT NULL REFERENCES embed_host (id) ON DELETE CASCADE,
    kid        TEXT NOT NULL,
    jwk        TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    thumbprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    UNIQUE (host, kid)
);

CREATE TABLE embed (
    id         TEXT PRIMARY KEY,
    scope      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE embed_place (
    embed TEXT NOT NULL REFERENCES embed (id) ON DELETE CASCADE,
    host  TEXT NOT NULL REFERENCES embed_host (id) ON DELETE CASCADE,
    PRIMARY KEY (embed, host)
);

CREATE TABLE embed_token (
    host       TEXT NOT NULL,
    jti        TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (host, jti)
);
CREATE INDEX embed_token_expiry ON embed_token (expires_at);

CREATE TABLE embed_session (
    token_sha256 BYTEA PRIMARY KEY,
    embed        TEXT NOT NULL REFERENCES embed (id) ON DELETE CASCADE,
    key          TEXT NOT NULL REFERENCES embed_key (id) ON DELETE CASCADE,
    origin       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    scope        TEXT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX embed_session_expiry ON embed_session (expires_at);
CREATE INDEX embed_session_subject ON embed_session (subject);
