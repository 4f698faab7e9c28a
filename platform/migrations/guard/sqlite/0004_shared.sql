-- The same conditions as PostgreSQL's, whose booleans are no numbers: a partial index serves a statement that says just this.
DROP INDEX log_open;
CREATE INDEX log_open ON log (account, device, at) WHERE open;
DROP INDEX phones_unsettled;
CREATE INDEX phones_unsettled ON phones (settled) WHERE NOT settled;
DROP INDEX resets_untold;
CREATE INDEX resets_untold ON resets (told) WHERE NOT told;
-- Writers take turns: on PostgreSQL the one that writes holds this row. A file has one writer at a time by itself.
CREATE TABLE turn (
    id INTEGER NOT NULL PRIMARY KEY
) STRICT;
INSERT INTO turn VALUES (1);
