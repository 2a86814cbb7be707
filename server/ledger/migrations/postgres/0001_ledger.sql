-- The same tables as in SQLite: see the comments there. Instants are microseconds since 1970.
CREATE TABLE chain (
    sequence   BIGINT PRIMARY KEY,
    body       TEXT NOT NULL,
    hash       BYTEA NOT NULL,
    written_at BIGINT NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'at')::bigint) STORED,
    begun_at   BIGINT NOT NULL GENERATED ALWAYS AS (coalesce(body::jsonb ->> 'begun_at', body::jsonb ->> 'at')::bigint) STORED,
    completes  BIGINT GENERATED ALWAYS AS ((body::jsonb ->> 'of')::bigint) STORED,
    listed     BIGINT NOT NULL GENERATED ALWAYS AS (coalesce(body::jsonb ->> 'of', body::jsonb ->> 'sequence')::bigint) STORED,
    actor      TEXT GENERATED ALWAYS AS (body::jsonb ->> 'actor') STORED,
    client     TEXT GENERATED ALWAYS AS (body::jsonb ->> 'client') STORED,
    operation  TEXT GENERATED ALWAYS AS (body::jsonb ->> 'operation') STORED,
    object     TEXT GENERATED ALWAYS AS (body::jsonb ->> 'object') STORED,
    outcome    TEXT GENERATED ALWAYS AS (body::jsonb ->> 'outcome') STORED
);

CREATE INDEX chain_time ON chain (written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_actor ON chain (actor, written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_operation ON chain (operation, written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_object ON chain (object, written_at, sequence) WHERE completes IS NULL;
CREATE INDEX chain_outcome ON chain (outcome, begun_at, listed) WHERE outcome IS NOT NULL;
CREATE INDEX chain_completes ON chain (completes) WHERE completes IS NOT NULL;

CREATE TABLE mention (
    term     TEXT NOT NULL,
    begun_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (term, begun_at, sequence)
);
CREATE INDEX mention_sequence ON mention (sequence);

CREATE TABLE open_entry (
    sequence BIGINT PRIMARY KEY,
    begun_at BIGINT NOT NULL,
    owner    TEXT NOT NULL
);

CREATE TABLE statement (
    sequence  BIGINT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('checkpoint', 'tombstone')),
    key       BYTEA NOT NULL,
    at        BIGINT NOT NULL,
    body      TEXT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (kind, sequence, key)
);

CREATE TABLE personal (
    id      TEXT PRIMARY KEY,
    salt    BYTEA NOT NULL,
    subject TEXT NOT NULL,
    data    TEXT NOT NULL
);
CREATE UNIQUE INDEX personal_subject ON personal (subject, data);

CREATE TABLE lease (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.sequence <= (SELECT max(sequence) FROM statement WHERE kind = 'tombstone') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only, but for what a tombstone stands for';
END $$;
CREATE TRIGGER chain_is_kept BEFORE UPDATE OR DELETE ON chain
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE sessions (
    token_sha256 BYTEA PRIMARY KEY,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    idle_at      BIGINT
);

CREATE TABLE sign_in_links (
    token_sha256 BYTEA PRIMARY KEY,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
