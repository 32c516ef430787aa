// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "./Ids.sol";

/// @dev Number of a capture bounty, from 1; 0 means "no bounty".
type AskId is uint32;

/// @dev An answer to a capture bounty: its number, shifted by 32 bits, and the answer's place in it, from 0.
type AnswerId is uint64;

/// @dev What coverage is counted by. Captures of places have a class, a cell and a level; others have a subject instead.
struct Spot {
    uint8 modality; // 1 spatial, 2 tactile, 3 trajectory, 4 imu
    uint8 placeClass; // 1 public_street, 2 public_interior, 3 semi_public, 4 residential_common, 5 workplace, 6 private_home; 0: no place
    uint64 cell; // H3; 0 without a place
    int16 level; // floor, ground 0; 0 for private homes, whose level is not published, and without a place
    bytes32 subject; // what is touched or done, and with what; 0 for places
}

/// @dev Coverage of a spot as kept. One slot.
struct Coverage {
    uint64 amount; // basis points of one good capture, at `at`; decays from then on
    uint40 at; // unix seconds
}

/// @dev What one owner or device has added to a spot within a half-life. One slot.
struct Share {
    uint64 added; // basis points
    uint40 since; // unix seconds
}

/// @dev What a sponsor asks for, as given.
struct Ask {
    uint8 modality;
    uint8 placeClass; // 0: no place
    uint8 grain; // resolution of the cells that are counted, no finer than the class allows; 0 without a place
    bool needsDevice; // answers need a registered device's signature
    int16 lowest; // level
    int16 highest; // level
    uint16 minQuality; // basis points
    uint64 area; // H3 cell all answers lie in; 0 without a place
    uint32 target; // coverage in basis points at which nothing more is paid for a spot
    uint40 deadline; // unix seconds; nobody answers from then on
    uint40 slope; // seconds in which the price rises by itself once
    uint96 price; // token units for one good capture's worth of coverage, at a spot that is half full
    uint96 topPrice; // it rises no further
    uint96 budget;
    TermsId terms; // answers must stand under these; 0: any
    bytes32 subject; // 0 for places
    bytes32 rules; // hash of the scoring rules; also the class of those who judge
    uint40 maxAge; // seconds between a capture and the commitment to it; 0: any
    bool needsGesture; // answers name a beacon, and show its gesture
    uint64[] cells; // of the grain, rising, in the area: only these count; none: all of it
}

/// @dev A capture bounty as kept. Seven slots.
struct CaptureBounty {
    address sponsor;
    uint8 modality;
    uint8 placeClass;
    uint8 grain;
    bool needsDevice;
    int16 lowest;
    int16 highest;
    uint16 minQuality;
    bool needsGesture;
    bool isListed; // only the cells under `cells` count
    uint64 area; // slot 1
    uint32 target;
    uint40 openedAt; // unix seconds
    uint40 deadline;
    uint40 slope;
    TermsId terms;
    uint96 price; // slot 2
    uint96 topPrice;
    uint32 count; // answers so far
    uint32 next; // place of the first answer that is not over
    uint96 left; // of the budget (slot 3)
    bool closed; // what was left went back
    uint40 maxAge;
    bytes32 subject; // slot 4
    bytes32 rules; // slot 5
    bytes32 cells; // root over the list (slot 6)
}

/// @dev NONE → COMMITTED → REVEALED → SETTLED. COMMITTED → LAPSED. REVEALED → DISPUTED → REVEALED, REFUTED or VOIDED.
enum AnswerStage {
    NONE,
    COMMITTED,
    REVEALED,
    DISPUTED,
    SETTLED,
    LAPSED,
    REFUTED,
    VOIDED
}

/// @dev An answer as kept. Two slots.
struct Answer {
    address contributor;
    uint40 committedAt; // unix seconds
    uint40 until; // unix seconds: to reveal, then to challenge; while disputed how many seconds are left
    AnswerStage stage;
    bytes32 proof; // the commitment, then keccak256(abi.encode(Shown))
}

/// @dev What an answer shows.
struct Shown {
    AssetId asset;
    uint64 cell;
    int16 level;
    uint16 quality; // basis points, by the rules
    uint16 novelty; // basis points, beside everything older
    address device; // that vouches for the asset to this bounty; 0: none
    bytes32 sketch; // SHA-256 digest of the sketch, which is also its CID
    uint64 beacon; // block whose hash the gesture is drawn from; 0: no gesture
}

/// @dev What shows that an answer may be given.
struct Backing {
    bytes device; // `Shown.device`'s signature over CaptureAnswer(uint32 bounty,bytes32 asset,address contributor) (EIP-712); empty without
    bytes32[] cell; // siblings from the cell up to the root over the list; empty without a list
}

/// @dev What a challenger holds against an answer.
struct Charge {
    AssetId prior; // the older asset it copies; 0: its quality is wrong
    uint16 quality; // what is right, basis points
    uint16 novelty; // 0 for a copy
    bytes witness; // how the newer is laid on the older; canonical JSON
}

/// @dev A dispute about an answer, by its number before the court. Two slots.
struct AnswerDispute {
    AnswerId answer;
    address challenger;
    AssetId asset; // slot 1
}

/// @dev What CaptureBounties is built with; none of it ever changes.
struct CaptureParams {
    uint96 answerBond; // of an answer, beside a quarter of the most it can be paid
    uint96 smallestBudget;
    uint40 revealWindow; // seconds to reveal after committing
    uint40 challengeWindow; // seconds to challenge what is revealed
}
