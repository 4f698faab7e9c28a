-- Invites and grants.
CREATE TABLE invites (
    id          BLOB    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL, -- agent, authentication
    state       TEXT    NOT NULL,
    enterprise  BLOB    NOT NULL REFERENCES enterprises (id),
    inviter     BLOB    NOT NULL REFERENCES accounts (id),
    invitee     BLOB    NOT NULL, -- name, sealed
    invitee_mac BLOB    NOT NULL,
    phone_mac   BLOB,
    scope       TEXT    NOT NULL, -- JSON
    valid_days  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    decided_at  INTEGER,
    mismatch    INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_enterprise ON invites (enterprise, created_at);

-- A passed face check that waits for 同意.
CREATE TABLE consents (
    hash       BLOB    NOT NULL PRIMARY KEY,
    invite     BLOB    NOT NULL REFERENCES invites (id),
    person_mac BLOB    NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

CREATE TABLE grants (
    id         BLOB    NOT NULL PRIMARY KEY,
    enterprise BLOB    NOT NULL REFERENCES enterprises (id),
    account    BLOB    NOT NULL REFERENCES accounts (id),
    invite     BLOB REFERENCES invites (id), -- none where it came from a link (YST-034)
    granted_by BLOB    NOT NULL REFERENCES accounts (id),
    scope      TEXT    NOT NULL, -- JSON
    state      TEXT    NOT NULL, -- active, suspended, revoked
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_account ON grants (account, enterprise);
CREATE INDEX grants_enterprise ON grants (enterprise);
