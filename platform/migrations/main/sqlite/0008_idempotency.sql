-- Answers of effects that happened once; never tokens, which are issued anew.
CREATE TABLE answers (
    owner      BLOB    NOT NULL, -- account or key thumbprint
    route      TEXT    NOT NULL,
    request    BLOB    NOT NULL, -- Idempotency-Key
    digest     BLOB    NOT NULL, -- SHA-256 of path and body
    answer     TEXT    NOT NULL, -- JSON
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (owner, route, request)
) STRICT;
CREATE INDEX answers_expires ON answers (expires_at);
