// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Number of a dispute before the SegmentCourt, from 1; 0 means "no dispute".
type DisputeId is uint64;

/// @dev Whose trace is right. VOID: nobody could be found to say.
enum Ruling {
    NONE,
    CLAIM,
    OTHER,
    VOID
}

/// @dev What a dispute is about: claimed work, an answer to a capture bounty, a call of a model, the root of an epoch, a
///      witness's word.
enum Matter {
    WORK,
    CAPTURE,
    CALL,
    EPOCH,
    WORD
}

/// @dev NARROWING → STATE → DRAWING → VOTING → RULED → CLOSED. A disputed first leaf skips STATE, a panel without a majority and an
///      appeal lead from VOTING and RULED back to DRAWING; NARROWING and STATE end in CLOSED when a clock runs out, STATE also when the
///      chain computes the disputed leaf itself.
enum Phase {
    NONE,
    NARROWING,
    STATE,
    DRAWING,
    VOTING,
    RULED,
    CLOSED
}

/// @dev What a dispute is about. Never changes; kept as a hash and handed back as calldata.
struct Opening {
    bytes32 classId; // determinism class of the work and of its jurors
    bytes32 spec; // digest of the job's spec
    uint64 unit; // of the job
    uint16 segments; // 1 to 4,095; the traces have one leaf more
    bytes32 claimRoot; // trace that was claimed
    bytes32 otherRoot; // trace held against it
    address claimant; // whose groups are excluded from the jury: who claimed,
    address other; // who holds against it,
    address requester; // and who asked for the work
}

/// @dev Where a dispute stands. Five slots.
struct Dispute {
    Phase phase;
    Ruling ruling; // of the last panel that could rule, or of the clock
    uint8 level; // of the two nodes that differ; 0: they are leaves
    uint8 agreedLevel; // of `agreed`
    bool otherMoves; // whose turn it is in NARROWING
    uint8 round; // of the jury, from 0
    uint16 leaves; // of either trace
    uint16 first; // number of the first leaf below the nodes
    uint32 claimClock; // seconds the claim's side has left, as of `mark`
    uint32 otherClock;
    uint40 openedAt; // unix seconds
    bool computable; // the chain computes the disputed leaf itself, without a jury
    Matter matter; // what it is about, and so who is told the ruling
    uint40 mark; // when the running clock was started; DRAWING: block whose hash draws; RULED: when nobody can appeal any more
    bytes32 claimNode; // slot 1; CLOSED: what each vote with the ruling is paid
    bytes32 otherNode; // slot 2
    bytes32 agreed; // node just left of the two, of both traces; its last leaf is the state to start from; 0 once that is posted (slot 3)
    bytes32 opening; // keccak256(abi.encode(Opening)) (slot 4)
}

/// @dev A jury round. Two slots.
struct Panel {
    bytes32 members; // keccak256(abi.encode(address[])); 0: not drawn
    uint40 commitUntil; // slot 1
    uint40 revealUntil;
    uint8 size;
    uint8 commits;
    uint8 reveals;
    uint8 forClaim; // revealed votes for the claim's leaf
    uint8 forOther;
    uint88 appealBond; // of who appealed against this round's ruling; 0: nobody did
}

/// @dev What a court is built with; none of it ever changes.
struct CourtParams {
    uint32 clock; // seconds each side has for all its moves
    uint32 commitWindow; // seconds a panel has to commit its votes,
    uint32 revealWindow; // and after that to reveal them
    uint32 appealWindow; // seconds after a ruling
    uint8 drawDelay; // blocks from the wish for a panel to its draw
    uint8 smallestPanel; // fewer jurors than this cannot rule
    uint88 appealBond; // of the first appeal; the next one's is twice as much
}
