-- Resets by face, lost phones, revocation codes, and when a PIN was last used.
ALTER TABLE phones ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0; -- last right PIN or COMMIT
ALTER TABLE phones ADD COLUMN lost_until BIGINT; -- reported lost: deleted then, unless the owner objects
ALTER TABLE phones ADD COLUMN code_hash BYTEA; -- of the revocation code
ALTER TABLE phones ADD COLUMN code_left BIGINT NOT NULL DEFAULT 0;
ALTER TABLE phones ADD COLUMN settled BOOLEAN NOT NULL DEFAULT TRUE; -- CA and face service have followed
UPDATE phones SET used_at = coalesce(
    (SELECT max(at) FROM log WHERE log.account = phones.account AND log.device = phones.device), 0);
CREATE INDEX phones_subject ON phones (subject);
CREATE INDEX phones_lost ON phones (lost_until) WHERE lost_until IS NOT NULL;
CREATE INDEX phones_unsettled ON phones (settled) WHERE NOT settled;

ALTER TABLE stages ADD COLUMN reset BYTEA; -- the reset that it came from

-- A number counts once: its face assertion names it.
CREATE TABLE resets (
    id BYTEA NOT NULL PRIMARY KEY,
    account BYTEA NOT NULL,
    device BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- open, released, done, stopped
    released BIGINT NOT NULL, -- how often the share was given
    begun_at BIGINT NOT NULL,
    stop_hash BYTEA NOT NULL UNIQUE,
    told BOOLEAN NOT NULL, -- the owner has the stop code
    FOREIGN KEY (account, device) REFERENCES phones (account, device)
);
CREATE INDEX resets_phone ON resets (account, device);
CREATE INDEX resets_untold ON resets (told) WHERE NOT told;
