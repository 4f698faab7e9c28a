-- Pictures that wait for 生成.
CREATE TABLE seal_previews (
    id          BLOB    NOT NULL PRIMARY KEY,
    account     BLOB    NOT NULL REFERENCES accounts (id),
    enterprise  BLOB    NOT NULL REFERENCES enterprises (id),
    kind        TEXT    NOT NULL, -- organisation, employee
    serial      BLOB    NOT NULL REFERENCES certificates (serial),
    name        TEXT    NOT NULL,
    picture     BLOB    NOT NULL,
    width_mm    INTEGER NOT NULL,
    height_mm   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;

-- Seals. As with certificates the signed part is stored before the seal authority signs it.
CREATE TABLE seals (
    es_id      TEXT    NOT NULL PRIMARY KEY,
    preview    BLOB    NOT NULL UNIQUE REFERENCES seal_previews (id),
    account    BLOB    NOT NULL REFERENCES accounts (id),
    enterprise BLOB    NOT NULL REFERENCES enterprises (id),
    kind       TEXT    NOT NULL,
    serial     BLOB    NOT NULL REFERENCES certificates (serial),
    info       BLOB    NOT NULL,
    seal       BLOB,             -- empty until signed
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX seals_account ON seals (account, enterprise);
