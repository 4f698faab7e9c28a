-- PIN slots: index = epoch mod 2. `record` and `receipt` are sealed; `state` 1 staged, 2 active, 3 superseded.
CREATE TABLE vault_slot (
    account BLOB NOT NULL,
    slot    INTEGER NOT NULL CHECK (slot IN (0, 1)),
    state   INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
    record  BLOB NOT NULL,
    receipt BLOB,
    PRIMARY KEY (account, slot)
) STRICT, WITHOUT ROWID;

-- Certificates: request and wrapped key from before the order, chain once it is issued. `record` is sealed; `state` 1 pending, 2 active.
CREATE TABLE certificate (
    cert_id BLOB PRIMARY KEY NOT NULL,
    account BLOB NOT NULL,
    state   INTEGER NOT NULL CHECK (state IN (1, 2)),
    record  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_account ON certificate (account);
