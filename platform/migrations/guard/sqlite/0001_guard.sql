-- The PIN guard. Times are microseconds UTC; shares and salts are sealed under the guard's own key.
-- One row per account and phone, never reused by a re-registration.
CREATE TABLE phones (
    account      BLOB    NOT NULL,
    device       BLOB    NOT NULL,
    device_key   BLOB    NOT NULL,
    subject      BLOB    NOT NULL, -- the person, as the face service names him
    epoch        INTEGER NOT NULL, -- 0 before the first COMMIT
    fails        INTEGER NOT NULL, -- wrong in a row
    locked_until INTEGER NOT NULL,
    state        TEXT    NOT NULL, -- ok, blocked, resetting, revoked
    blocked_by   BLOB,             -- the attempt that set the block
    reset_at     INTEGER,          -- last reset by face
    PRIMARY KEY (account, device)
) STRICT;

-- The current PIN epoch: COMMIT deletes the one before.
CREATE TABLE epochs (
    account   BLOB    NOT NULL,
    device    BLOB    NOT NULL,
    epoch     INTEGER NOT NULL,
    master    INTEGER NOT NULL, -- version of the OPRF master key
    row_salt  BLOB    NOT NULL, -- sealed
    pk_auth   BLOB    NOT NULL,
    share     BLOB    NOT NULL, -- S_g, sealed
    slot_hash BLOB    NOT NULL,
    stage     BLOB    NOT NULL,
    log_n     INTEGER NOT NULL,
    log_head  BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (account, device),
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
) STRICT;

-- The live staging; a newer one replaces it.
CREATE TABLE stages (
    id       BLOB    NOT NULL PRIMARY KEY,
    account  BLOB    NOT NULL,
    device   BLOB    NOT NULL,
    epoch    INTEGER NOT NULL,
    master   INTEGER NOT NULL,
    row_salt BLOB    NOT NULL, -- sealed
    blinded  BLOB,             -- the one element that was evaluated
    ends     INTEGER NOT NULL,
    UNIQUE (account, device),
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
) STRICT;

-- What happened: each hash covers the row before it. `open` is outside the hash: 1 = an attempt that nobody has confirmed.
CREATE TABLE log (
    n       INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    account BLOB    NOT NULL,
    device  BLOB    NOT NULL,
    event   TEXT    NOT NULL,
    request BLOB    NOT NULL, -- SHA-256
    nonce   BLOB UNIQUE,
    hash    BLOB    NOT NULL,
    open    INTEGER NOT NULL
) STRICT;
CREATE INDEX log_open ON log (account, device, at) WHERE open = 1;

CREATE TABLE attempts (
    id           BLOB    NOT NULL PRIMARY KEY,
    n            INTEGER NOT NULL REFERENCES log (n),
    account      BLOB    NOT NULL,
    device       BLOB    NOT NULL,
    epoch        INTEGER NOT NULL,
    request      BLOB    NOT NULL UNIQUE, -- SHA-256 of the body
    body         BLOB    NOT NULL,
    fails        INTEGER NOT NULL,        -- the count that it raised
    tries_left   INTEGER NOT NULL,
    wait_seconds INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    kind         TEXT,                    -- what it was confirmed for
    staged       INTEGER NOT NULL         -- 1 = it has authorised a staging
) STRICT;
CREATE INDEX attempts_at ON attempts (at);

CREATE TABLE certs (
    cert_id    BLOB    NOT NULL PRIMARY KEY,
    account    BLOB    NOT NULL,
    device     BLOB    NOT NULL,
    public_key BLOB    NOT NULL,
    share      BLOB,             -- S_cert, sealed; deleted by a revocation
    state      TEXT    NOT NULL, -- good, suspended, revoked
    added_at   INTEGER NOT NULL,
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
) STRICT;

CREATE TABLE leases (
    id        BLOB    NOT NULL PRIMARY KEY,
    account   BLOB    NOT NULL,
    device    BLOB    NOT NULL,
    lease_key BLOB    NOT NULL,
    count     INTEGER NOT NULL,
    last      INTEGER NOT NULL, -- number of the last receipt
    picked    BLOB REFERENCES certs (cert_id),
    ends      INTEGER NOT NULL
) STRICT;
CREATE INDEX leases_ends ON leases (ends);

-- Answers of the last 60 s, so that a lost one costs nothing. A revocation deletes the phone's.
CREATE TABLE answers (
    request BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of path and body
    account BLOB    NOT NULL,
    device  BLOB    NOT NULL,
    answer  BLOB    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_at ON answers (at);
CREATE INDEX answers_phone ON answers (account, device);
