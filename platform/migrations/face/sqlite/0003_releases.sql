-- How often S_f was given in a reset.
CREATE TABLE releases (
    reset    BLOB    NOT NULL PRIMARY KEY,
    account  BLOB    NOT NULL,
    device   BLOB    NOT NULL,
    given    INTEGER NOT NULL,
    begun_at INTEGER NOT NULL
) STRICT;
