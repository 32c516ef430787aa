-- Every row carries a digest of what was written (rows.py). SQLite adds such a column to new tables only.

CREATE TABLE blocks_2 (
    block   INTEGER PRIMARY KEY,
    hash    TEXT NOT NULL,
    written INTEGER NOT NULL AS (row_digest(block, hash)) STORED
) STRICT;
INSERT INTO blocks_2 SELECT * FROM blocks;
DROP TABLE blocks;
ALTER TABLE blocks_2 RENAME TO blocks;

CREATE TABLE facts_2 (
    block      INTEGER NOT NULL,
    log_index  INTEGER NOT NULL,
    block_hash TEXT NOT NULL,
    tx_hash    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    body       TEXT NOT NULL,
    written    INTEGER NOT NULL AS
        (row_digest(block, log_index, block_hash, tx_hash, kind, body)) STORED,
    PRIMARY KEY (block, log_index)
) STRICT, WITHOUT ROWID;
INSERT INTO facts_2 SELECT * FROM facts;
DROP TABLE facts;
ALTER TABLE facts_2 RENAME TO facts;

CREATE TABLE duties_2 (
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
    written    INTEGER NOT NULL AS
        (row_digest(seq, key, kind, subject, block, not_before, deep, state, attempts, reason)) STORED
) STRICT;
INSERT INTO duties_2 SELECT * FROM duties;
DROP TABLE duties;
ALTER TABLE duties_2 RENAME TO duties;
CREATE INDEX duties_pending ON duties (seq) WHERE state = 'pending';

CREATE TABLE intents_2 (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    key     TEXT NOT NULL UNIQUE,
    target  TEXT NOT NULL,
    data    BLOB NOT NULL,
    value   TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('wanted', 'signed', 'mined', 'final', 'failed')),
    mined   TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT '',
    written INTEGER NOT NULL AS
        (row_digest(seq, key, target, data, value, state, mined, failure)) STORED
) STRICT;
INSERT INTO intents_2 SELECT * FROM intents;
DROP TABLE intents;
ALTER TABLE intents_2 RENAME TO intents;
CREATE INDEX intents_open ON intents (seq) WHERE state IN ('wanted', 'signed', 'mined');

CREATE TABLE signed_2 (
    tx_hash      TEXT PRIMARY KEY,
    intent       INTEGER NOT NULL REFERENCES intents (seq),
    nonce        INTEGER NOT NULL,
    raw          BLOB NOT NULL,
    gas          INTEGER NOT NULL,
    max_fee      TEXT NOT NULL,
    priority_fee TEXT NOT NULL,
    block        INTEGER NOT NULL,
    displaced    INTEGER NOT NULL DEFAULT 0,
    written      INTEGER NOT NULL AS
        (row_digest(tx_hash, intent, nonce, raw, gas, max_fee, priority_fee, block, displaced)) STORED
) STRICT;
INSERT INTO signed_2 SELECT * FROM signed;
DROP TABLE signed;
ALTER TABLE signed_2 RENAME TO signed;
CREATE INDEX signed_by_nonce ON signed (nonce);
CREATE INDEX signed_by_intent ON signed (intent);

CREATE TABLE statements_2 (
    domain  TEXT NOT NULL,
    key     TEXT NOT NULL,
    digest  BLOB NOT NULL,
    written INTEGER NOT NULL AS (row_digest(domain, key, digest)) STORED,
    PRIMARY KEY (domain, key)
) STRICT, WITHOUT ROWID;
INSERT INTO statements_2 SELECT * FROM statements;
DROP TABLE statements;
ALTER TABLE statements_2 RENAME TO statements;

CREATE TABLE remembered_2 (
    name    TEXT PRIMARY KEY,
    value   BLOB NOT NULL,
    written INTEGER NOT NULL AS (row_digest(name, value)) STORED
) STRICT, WITHOUT ROWID;
INSERT INTO remembered_2 SELECT * FROM remembered;
DROP TABLE remembered;
ALTER TABLE remembered_2 RENAME TO remembered;
