-- Blocks taken in: the last of every batch, so that a reorganisation finds the newest one both sides hold.
CREATE TABLE blocks (
    block INTEGER PRIMARY KEY,
    hash  TEXT NOT NULL
) STRICT;

-- Decoded events in chain order; body is canonical JSON without the block and log it came from.
CREATE TABLE facts (
    block      INTEGER NOT NULL,
    log_index  INTEGER NOT NULL,
    block_hash TEXT NOT NULL,
    tx_hash    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (block, log_index)
) STRICT, WITHOUT ROWID;

-- What this node must do. block is where the fact behind it stands; a reorganisation drops it while it is pending.
CREATE TABLE duties (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    block      INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    deep       INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    reason     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX duties_pending ON duties (seq) WHERE state = 'pending';

-- What this node wants the chain to do, once per key. value is wei as decimal text.
CREATE TABLE intents (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    key     TEXT NOT NULL UNIQUE,
    target  TEXT NOT NULL,
    data    BLOB NOT NULL,
    value   TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('wanted', 'signed', 'mined', 'final', 'failed')),
    mined   TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX intents_open ON intents (seq) WHERE state IN ('wanted', 'signed', 'mined');

-- Every transaction that was ever signed. A nonce belongs to one intent for good; a displaced one can never be mined.
CREATE TABLE signed (
    tx_hash      TEXT PRIMARY KEY,
    intent       INTEGER NOT NULL REFERENCES intents (seq),
    nonce        INTEGER NOT NULL,
    raw          BLOB NOT NULL,
    gas          INTEGER NOT NULL,
    max_fee      TEXT NOT NULL,
    priority_fee TEXT NOT NULL,
    block        INTEGER NOT NULL,
    displaced    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX signed_by_nonce ON signed (nonce);
CREATE INDEX signed_by_intent ON signed (intent);

-- Signing guard: the digest of what was signed under a domain and key, on disk before the signature leaves.
CREATE TABLE statements (
    domain TEXT NOT NULL,
    key    TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (domain, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE remembered (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
