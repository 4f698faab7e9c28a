-- S_f, the face service's half of the recovery share: staged beside the current one until the guard's receipt of the commit.
CREATE TABLE shares (
    account BLOB    NOT NULL,
    device  BLOB    NOT NULL,
    stage   BLOB    NOT NULL,
    epoch   INTEGER NOT NULL,
    share   BLOB    NOT NULL, -- sealed
    current INTEGER NOT NULL, -- 1 = of the epoch that the guard has committed
    at      INTEGER NOT NULL,
    PRIMARY KEY (account, device, stage)
) STRICT;
