-- What the face provider said, by handoff. No picture is ever stored.
CREATE TABLE results (
    handoff    BLOB    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    person_mac BLOB    NOT NULL,
    name       BLOB    NOT NULL, -- sealed
    document   TEXT    NOT NULL,
    jkt        BLOB    NOT NULL,
    device_key BLOB    NOT NULL,
    liveness   TEXT    NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
