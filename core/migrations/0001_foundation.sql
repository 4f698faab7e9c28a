-- Small values of their own: consent, session, open handoff, current enterprise, cached answers. `value` is sealed.
CREATE TABLE cell (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Effects that were sent, or are about to be, and whose answer is not known: the Idempotency-Key of each.
-- `effect` is a keyed hash of route and body, so that the row says nothing about what was asked.
CREATE TABLE request (
    effect     BLOB PRIMARY KEY NOT NULL,
    request_id BLOB NOT NULL,
    made_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
