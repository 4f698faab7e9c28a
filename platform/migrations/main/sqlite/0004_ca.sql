-- Certificates. A row is written, TBS and all, before anything is signed: whatever a crash leaves can be finished or revoked.
CREATE TABLE certificates (
    serial      BLOB    NOT NULL PRIMARY KEY,
    order_id    BLOB    NOT NULL UNIQUE,
    account     BLOB    NOT NULL REFERENCES accounts (id),
    enterprise  BLOB    NOT NULL REFERENCES enterprises (id),
    kind        TEXT    NOT NULL, -- organisation, employee
    cert_id     BLOB    NOT NULL UNIQUE,
    device      BLOB    NOT NULL,
    csr_hash    BLOB    NOT NULL UNIQUE,
    tbs_hash    BLOB    NOT NULL,
    tbs         BLOB    NOT NULL,
    certificate BLOB,             -- empty until signed
    state       TEXT    NOT NULL, -- reserved, active, suspended, revoked
    not_after   INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;
CREATE INDEX certificates_account ON certificates (account, enterprise, kind);

-- PIN proofs that this role has taken: each counts once.
CREATE TABLE taken_pin_proofs (
    proof_id BLOB    NOT NULL PRIMARY KEY,
    taken_at INTEGER NOT NULL
) STRICT;
