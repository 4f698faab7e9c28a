-- Accounts, sessions, handoffs. Ids and digests are BLOB, times microseconds UTC, tokens are kept as SHA-256 only.
CREATE TABLE accounts (
    id         BLOB    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL, -- person, enterprise
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE persons (
    account  BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id),
    id_mac   BLOB NOT NULL UNIQUE,
    document TEXT NOT NULL,
    name     BLOB NOT NULL -- sealed
) STRICT;

CREATE TABLE logins (
    account    BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    login      TEXT    NOT NULL UNIQUE,
    salt       BLOB    NOT NULL,
    password   BLOB    NOT NULL, -- Argon2id
    wrong      INTEGER NOT NULL,
    wait_until INTEGER NOT NULL
) STRICT;

-- Phones that an account has logged in on.
CREATE TABLE devices (
    account    BLOB    NOT NULL REFERENCES accounts (id),
    jkt        BLOB    NOT NULL,
    label      TEXT    NOT NULL,
    first_seen INTEGER NOT NULL,
    PRIMARY KEY (account, jkt)
) STRICT;

-- One login on one phone: the family of its tokens.
CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY,
    account    BLOB    NOT NULL REFERENCES accounts (id),
    jkt        BLOB    NOT NULL,
    device_key BLOB    NOT NULL,
    acr        TEXT    NOT NULL, -- face, password
    auth_time  INTEGER NOT NULL,
    handoff    BLOB,
    enterprise BLOB,             -- the one selected on this phone
    revoked_at INTEGER,
    -- No change of phone or admin before: the login was by typed code on a phone new to the account.
    restricted_until INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE access_tokens (
    hash       BLOB    NOT NULL PRIMARY KEY,
    session    BLOB    NOT NULL REFERENCES sessions (id),
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX access_tokens_expires ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    hash       BLOB    NOT NULL PRIMARY KEY,
    session    BLOB    NOT NULL REFERENCES sessions (id),
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    used_by    BLOB -- Idempotency-Key
) STRICT;
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);

CREATE TABLE handoffs (
    id             BLOB    NOT NULL PRIMARY KEY,
    state          TEXT    NOT NULL,
    purpose        TEXT    NOT NULL,
    mode           TEXT    NOT NULL,
    jkt            BLOB    NOT NULL,
    device_key     BLOB    NOT NULL,
    device_label   TEXT    NOT NULL,
    challenge      BLOB    NOT NULL,
    match_code     TEXT    NOT NULL,
    subject        BLOB,
    account        BLOB REFERENCES accounts (id), -- who is logged in at the start
    declared_mac   BLOB,
    declared       BLOB,             -- sealed
    openid_mac     BLOB,
    face_order     BLOB,
    face_left      INTEGER NOT NULL,
    code_left      INTEGER NOT NULL,
    return_hash    BLOB,
    return_expires INTEGER,
    typed_hash     BLOB,
    person_mac     BLOB,
    created_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    used_at        INTEGER,
    finish_key     BLOB,
    session        BLOB
) STRICT;
CREATE INDEX handoffs_open ON handoffs (jkt, purpose, state);

-- What counts against the daily limits of face checks.
CREATE TABLE face_checks (
    id         BLOB    NOT NULL PRIMARY KEY,
    person_mac BLOB    NOT NULL,
    jkt        BLOB    NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX face_checks_person ON face_checks (person_mac, at);
