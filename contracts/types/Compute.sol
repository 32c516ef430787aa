// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Number of a bounty, from 1; 0 means "no bounty".
type BountyId is uint64;

/// @dev Number of a claim, from 1; 0 means "no claim".
type ClaimId is uint64;

/// @dev Work that is asked for, as given. `stake` is at least price · (10000 − auditBps) / auditBps, so that a lie costs more than it brings.
struct Job {
    bytes32 classId; // determinism class: who works, audits and judges must be enlisted in it
    bytes32 spec; // SHA-256 digest of the canonical spec, which is also its CID
    AssetId input; // earns `inputPrice` for every unit done; 0: none
    bytes32 canaryRoot; // MemberTree over the units of hidden answers; 0: none
    uint32 units; // not 0
    uint16 segments; // of every unit's trace: 1 to 4,095
    uint16 auditBps; // smallest part of the units that is audited, in 1/10000, not 0
    uint40 deadline; // unix seconds; nothing is committed from then on
    uint40 workWindow; // seconds to commit after claiming, and to audit after the draw
    uint96 price; // of a unit, to the worker, settlement token units
    uint96 auditPrice; // of an audited unit, to the auditor
    uint96 inputPrice; // of a unit, to the input asset
    uint96 stake; // of the worker per unit
}

/// @dev A bounty as kept. Eight slots, of which `Progress` is written by claims.
struct Bounty {
    bytes32 classId;
    bytes32 spec;
    AssetId input;
    bytes32 canaryRoot;
    uint32 units; // slot 4
    uint16 segments;
    uint16 auditBps;
    uint40 deadline;
    uint40 workWindow;
    uint96 price;
    bool cancelled; // no new claims
    bool closed; // what was left went back to the requester
    address requester; // slot 5
    uint96 stake;
    uint96 auditPrice; // slot 6
    uint96 inputPrice;
    bool canaryBond; // a bond for one wrong canary is held
    Progress progress; // slot 7
}

/// @dev How far a bounty has come, in units but for `running`. One slot.
struct Progress {
    uint32 fresh; // were claimed at least once: the next new claim starts here
    uint32 running; // claims that have not ended
    uint32 done; // finalised, never above `units`
    uint32 audited; // whose audit was paid, never above `units`
    uint32 inputs; // for which the input asset was paid
    uint32 returned; // ranges of units that were given back and are to be claimed again
}

/// @dev What a claim has to know of its bounty.
struct Terms {
    bytes32 classId;
    address requester;
    uint96 stake; // per unit
    uint40 deadline;
    uint40 workWindow;
    uint16 auditBps;
}

/// @dev Units that were given back.
struct Range {
    uint32 first;
    uint32 count;
}

/// @dev NONE → CLAIMED → COMMITTED → DRAWN → REVEALED → FINALIZED. REVEALED → DISPUTED → REVEALED or SLASHED or VOIDED.
///      CLAIMED or DRAWN → EXPIRED. DRAWN → COMMITTED when the auditor stayed away, REVEALED → COMMITTED once for the audit of all units
///      after a conviction; then DRAWN leads to REVEALED by itself. The units of EXPIRED, SLASHED and VOIDED claims are open again.
enum ClaimStage {
    NONE,
    CLAIMED,
    COMMITTED,
    DRAWN,
    REVEALED,
    DISPUTED,
    FINALIZED,
    EXPIRED,
    SLASHED,
    VOIDED
}

/// @dev NONE → DRAWN → COMMITTED → REVEALED, or WAIVED when there is nobody to audit or nothing was drawn for it;
///      FAILED: the auditor was wrong, or showed nothing in time.
enum AuditStage {
    NONE,
    DRAWN,
    COMMITTED,
    REVEALED,
    WAIVED,
    FAILED
}

/// @dev How far a claim has come. One slot.
struct Course {
    ClaimStage stage;
    AuditStage audit;
    uint16 count; // 1 to 1,024 units
    uint16 bps; // audited part: of the job until the draw, then as drawn
    uint8 draws; // how often an auditor was drawn
    bool retro; // audited in full once more after the worker's conviction
    uint40 committedAt; // unix seconds
    uint40 deadline; // unix seconds: to commit, then to reveal, then until which it is held; while disputed how many seconds are left
    uint40 drawBlock; // its hash draws the audit
    uint40 auditBy; // unix seconds: for the auditor to commit, then to reveal
    uint16 demands; // open ones
    uint16 auditsPaid; // units whose first audit was paid before the one after a conviction
}

/// @dev A contiguous range of units one worker has claimed. Five slots.
struct WorkClaim {
    address worker;
    BountyId bounty;
    uint32 first; // unit at place 0
    Course course; // slot 1
    bytes32 root; // commitment to it until revealed (slot 2)
    address auditor; // slot 3
    bytes12 seed; // first 12 bytes, the others are 0; 1 until the draw, so that claiming and not drawing pays for the slot
    bytes32 auditRoot; // commitment to it until revealed (slot 4)
}

/// @dev What an operator is to a class. One slot.
struct Member {
    uint32 seats; // that can be drawn
    uint32 leaving; // that have resigned and are still bound
    uint40 freeAt; // unix seconds, of those
    uint32 score; // audited claims that stand; falls by a third with every fault
    uint40 convictedAt; // unix seconds, of the last fault; 0: none
    uint40 enlistedAt; // unix seconds; 0: not enlisted
}

/// @dev A seat of a class's draw. One slot.
struct Seat {
    address operator;
    uint40 since; // unix seconds; not drawn for what began before
    uint32 number; // among the operator's own
}

/// @dev Why a claim is before the court.
enum Ground {
    NONE,
    AUDIT, // its auditor revealed another trace
    CHALLENGE, // somebody laid down a bond for another trace
    CANARY // the requester opened a hidden answer
}

/// @dev A dispute as kept, by its number before the court. Two slots.
struct DisputeRecord {
    ClaimId claim;
    Ground ground; // NONE once resolved
    uint16 place;
    address opponent; // slot 1
    uint96 bond;
}

/// @dev Somebody's wish to see a place. One slot.
struct Demand {
    address by; // 0: never demanded
    uint40 showBy; // unix seconds; 0 once over
}
