-- The PIN guard. Times are microseconds UTC; shares and salts are sealed under the guard's own key.
-- One row per account and phone, never reused by a re-registration.
CREATE TABLE phones (
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    device_key BYTEA NOT NULL,
    subject BYTEA NOT NULL, -- the person, as the face service names him
    epoch BIGINT NOT NULL, -- 0 before the first COMMIT
    fails BIGINT NOT NULL, -- wrong in a row
    locked_until BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- ok, blocked, resetting, revoked
    blocked_by BYTEA, -- the attempt that set the block
    reset_at BIGINT, -- last reset by face
    PRIMARY KEY (account, device)
);

-- The current PIN epoch: COMMIT deletes the one before.
CREATE TABLE epochs (
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    master BIGINT NOT NULL, -- version of the OPRF master key
    row_salt BYTEA NOT NULL, -- sealed
    pk_auth BYTEA NOT NULL,
    share BYTEA NOT NULL, -- S_g, sealed
    slot_hash BYTEA NOT NULL,
    stage BYTEA NOT NULL,
    log_n BIGINT NOT NULL,
    log_head BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, device),
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
);

-- The live staging; a newer one replaces it.
CREATE TABLE stages (
    id BYTEA NOT NULL PRIMARY KEY,
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    master BIGINT NOT NULL,
    row_salt BYTEA NOT NULL, -- sealed
    blinded BYTEA, -- the one element that was evaluated
    ends BIGINT NOT NULL,
    UNIQUE (account, device),
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
);

-- What happened: each hash covers the row before it. `open` is outside the hash: an attempt that nobody has confirmed.
CREATE TABLE log (
    n BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    request BYTEA NOT NULL, -- SHA-256
    nonce BYTEA UNIQUE,
    hash BYTEA NOT NULL,
    open BOOLEAN NOT NULL
);
CREATE INDEX log_open ON log (account, device, at) WHERE open;

CREATE TABLE attempts (
    id BYTEA NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL REFERENCES log (n),
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    epoch BIGINT NOT NULL,
    request BYTEA NOT NULL UNIQUE, -- SHA-256 of the body
    body BYTEA NOT NULL,
    fails BIGINT NOT NULL, -- the count that it raised
    tries_left BIGINT NOT NULL,
    wait_seconds BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C", -- what it was confirmed for
    staged BOOLEAN NOT NULL -- it has authorised a staging
);
CREATE INDEX attempts_at ON attempts (at);

CREATE TABLE certs (
    cert_id BYTEA NOT NULL PRIMARY KEY,
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    share BYTEA, -- S_cert, sealed; deleted by a revocation
    state TEXT COLLATE "C" NOT NULL, -- good, suspended, revoked
    added_at BIGINT NOT NULL,
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
);

CREATE TABLE leases (
    id BYTEA NOT NULL PRIMARY KEY,
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    lease_key BYTEA NOT NULL,
    count BIGINT NOT NULL,
    last BIGINT NOT NULL, -- number of the last receipt
    picked BYTEA REFERENCES certs (cert_id),
    ends BIGINT NOT NULL
);
CREATE INDEX leases_ends ON leases (ends);

-- Answers of the last 60 s, so that a lost one costs nothing. A revocation deletes the phone's.
CREATE TABLE answers (
    request BYTEA NOT NULL PRIMARY KEY, -- SHA-256 of path and body
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX answers_at ON answers (at);
CREATE INDEX answers_phone ON answers (account, device);
