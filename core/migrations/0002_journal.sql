-- What was signed: written before a signature leaves the phone, so that nothing is signed twice. `key` = relying party (32 bytes),
-- document (16), digest (32), certificate (32). `result` is sealed.
CREATE TABLE journal (
    key          BLOB PRIMARY KEY NOT NULL,
    result       BLOB NOT NULL,
    signed_ms    INTEGER NOT NULL,
    delivered_ms INTEGER
) STRICT, WITHOUT ROWID;
