-- Where the cursor stood when a duty ended: what was looked at may be undone by a reorganisation that reaches below it.
CREATE TABLE duties_3 (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    block      INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    deep       INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    reason     TEXT NOT NULL DEFAULT '',
    ended      INTEGER,
    written    INTEGER NOT NULL AS
        (row_digest(seq, key, kind, subject, block, not_before, deep, state, attempts, reason, ended)) STORED
) STRICT;
INSERT INTO duties_3 (seq, key, kind, subject, block, not_before, deep, state, attempts, reason)
    SELECT seq, key, kind, subject, block, not_before, deep, state, attempts, reason FROM duties;
DROP TABLE duties;
ALTER TABLE duties_3 RENAME TO duties;
CREATE INDEX duties_pending ON duties (seq) WHERE state = 'pending';
