-- What was done: each row's hash covers the row before it, so that a row taken out or changed shows.
CREATE TABLE audit (
    seq        INTEGER NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    account    BLOB,
    enterprise BLOB,
    object     BLOB,
    hash       BLOB    NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (object, seq);
