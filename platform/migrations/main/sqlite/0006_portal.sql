-- Relying parties and the demonstration portal. Documents themselves are files; rows hold what is known of them.

-- Registered relying parties, by SHA-256 of their certificate.
CREATE TABLE relying_parties (
    leaf       BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    contact    TEXT    NOT NULL,
    origins    TEXT    NOT NULL, -- JSON array
    blind      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

-- A visitor is the SHA-256 of a cookie.
CREATE TABLE portal_documents (
    id         BLOB    NOT NULL PRIMARY KEY,
    visitor    BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    pages      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    signed_at  INTEGER,
    signed_by  BLOB,             -- SHA-256 of the CMS
    prepared   BLOB              -- which prepared file was signed
) STRICT;
CREATE INDEX portal_documents_visitor ON portal_documents (visitor, created_at);

CREATE TABLE portal_sessions (
    sid        BLOB    NOT NULL PRIMARY KEY,
    visitor    BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    binding    BLOB,             -- channel binding, from the first request on
    ended_at   INTEGER
) STRICT;
CREATE INDEX portal_sessions_visitor ON portal_sessions (visitor, created_at);

CREATE TABLE portal_session_documents (
    sid      BLOB    NOT NULL REFERENCES portal_sessions (sid),
    doc      BLOB    NOT NULL REFERENCES portal_documents (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (sid, doc)
) STRICT;

-- A document made ready for one certificate and seal. It is made once, so that a phone that had already signed it finds the same bytes.
CREATE TABLE portal_prepared (
    id               BLOB    NOT NULL PRIMARY KEY,
    doc              BLOB    NOT NULL REFERENCES portal_documents (id),
    certificate      BLOB    NOT NULL, -- DER
    certificate_hash BLOB    NOT NULL,
    seal_hash        BLOB    NOT NULL, -- zeros without a seal
    es_id            TEXT,
    size             INTEGER NOT NULL,
    digest           BLOB    NOT NULL, -- of the whole file
    signed_digest    BLOB    NOT NULL, -- of the byte range
    created_at       INTEGER NOT NULL,
    UNIQUE (doc, certificate_hash, seal_hash)
) STRICT;

CREATE TABLE portal_batches (
    id         BLOB    NOT NULL PRIMARY KEY,
    sid        BLOB    NOT NULL REFERENCES portal_sessions (sid),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_batches_sid ON portal_batches (sid, created_at);

CREATE TABLE portal_batch_documents (
    batch    BLOB    NOT NULL REFERENCES portal_batches (id),
    doc      BLOB    NOT NULL REFERENCES portal_documents (id),
    position INTEGER NOT NULL,
    prepared BLOB    NOT NULL REFERENCES portal_prepared (id),
    taken_at INTEGER,
    PRIMARY KEY (batch, doc)
) STRICT;
