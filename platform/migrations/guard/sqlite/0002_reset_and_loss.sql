-- Resets by face, lost phones, revocation codes, and when a PIN was last used.
ALTER TABLE phones ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0; -- last right PIN or COMMIT
ALTER TABLE phones ADD COLUMN lost_until INTEGER; -- reported lost: deleted then, unless the owner objects
ALTER TABLE phones ADD COLUMN code_hash BLOB;     -- of the revocation code
ALTER TABLE phones ADD COLUMN code_left INTEGER NOT NULL DEFAULT 0;
ALTER TABLE phones ADD COLUMN settled INTEGER NOT NULL DEFAULT 1; -- 0 = CA and face service are still to follow
UPDATE phones SET used_at = coalesce(
    (SELECT max(at) FROM log WHERE log.account = phones.account AND log.device = phones.device), 0);
CREATE INDEX phones_subject ON phones (subject);
CREATE INDEX phones_lost ON phones (lost_until) WHERE lost_until IS NOT NULL;
CREATE INDEX phones_unsettled ON phones (settled) WHERE settled = 0;

ALTER TABLE stages ADD COLUMN reset BLOB; -- the reset that it came from

-- A number counts once: its face assertion names it.
CREATE TABLE resets (
    id        BLOB    NOT NULL PRIMARY KEY,
    account   BLOB    NOT NULL,
    device    BLOB    NOT NULL,
    state     TEXT    NOT NULL, -- open, released, done, stopped
    released  INTEGER NOT NULL, -- how often the share was given
    begun_at  INTEGER NOT NULL,
    stop_hash BLOB    NOT NULL UNIQUE,
    told      INTEGER NOT NULL, -- 1 = the owner has the stop code
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
) STRICT;
CREATE INDEX resets_phone ON resets (account, device);
CREATE INDEX resets_untold ON resets (told) WHERE told = 0;
