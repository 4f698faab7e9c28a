-- Signatures on their way to the guard: written before the request goes out, so that after a kill the same request is sent again and
-- the guard counts it once. `key` as in `journal`; `sent` is sealed. A row goes when its result is in the journal.
CREATE TABLE receiving (
    key     BLOB PRIMARY KEY NOT NULL,
    sent    BLOB NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
