-- Writers take turns: the one that writes holds this row.
CREATE TABLE turn (
    id BIGINT NOT NULL PRIMARY KEY
);
INSERT INTO turn VALUES (1);
