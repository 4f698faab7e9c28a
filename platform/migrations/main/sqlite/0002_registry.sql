-- The market register (a simulator's copy) and the enterprise accounts made from it.
CREATE TABLE register (
    uscc     TEXT NOT NULL PRIMARY KEY,
    name     TEXT,          -- a 个体工商户 may have none (YST-013)
    lookup   TEXT NOT NULL, -- the name as it is compared
    rep_mac  BLOB NOT NULL,
    rep_name BLOB NOT NULL  -- sealed
) STRICT;
CREATE INDEX register_lookup ON register (lookup);
CREATE INDEX register_rep ON register (rep_mac);

CREATE TABLE enterprises (
    id         BLOB    NOT NULL PRIMARY KEY,
    uscc       TEXT    NOT NULL UNIQUE REFERENCES register (uscc),
    level      TEXT    NOT NULL, -- unauthenticated, authenticated
    admin      BLOB REFERENCES accounts (id), -- 证书管理员
    created_at INTEGER NOT NULL
) STRICT;

-- Role `agent` counts only while a grant does.
CREATE TABLE members (
    account    BLOB    NOT NULL REFERENCES accounts (id),
    enterprise BLOB    NOT NULL REFERENCES enterprises (id),
    role       TEXT    NOT NULL, -- legal_rep, owner, linked, agent
    since      INTEGER NOT NULL,
    PRIMARY KEY (account, enterprise)
) STRICT;
CREATE INDEX members_enterprise ON members (enterprise);

-- 申请关联. Without an enterprise: what was asked for does not exist, and nobody is told.
CREATE TABLE links (
    id         BLOB    NOT NULL PRIMARY KEY,
    enterprise BLOB REFERENCES enterprises (id),
    asked_by   BLOB    NOT NULL REFERENCES accounts (id),
    asked_at   INTEGER NOT NULL,
    state      TEXT    NOT NULL, -- waiting, agreed, refused
    decided_at INTEGER
) STRICT;
CREATE INDEX links_enterprise ON links (enterprise, state);
