// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Where a mark stands. None → Proposed → Held → Ended; Proposed → Ended.
enum MarkStage {
    None,
    Proposed,
    Held,
    Ended
}

/// @dev How a mark ended.
enum MarkEnd {
    None,
    Recalled, // never accepted
    RanOut, // nobody found a leak
    Leaked, // a found file carried it
    Unanswered // its owner did not answer a finder
}

/// @dev What an owner and a buyer agree on about one marked copy. Carried by `MarkProposed`, handed back as calldata: the chain
///      keeps where it stands.
struct Mark {
    AssetId copy; // the marked copy, an asset of its own
    address owner;
    address buyer;
    bytes32 root; // MemberTree root over the sixteen chapters: members[i] = keccak256(abi.encode(secret of chapter i))
    uint96 bond; // what the buyer lays down, settlement token units; the owner lays down five eighths of it
    uint40 until; // unix seconds; leaks are shown before, and both have their money back after
    uint40 step; // distance between two bits in the smallest units of the record: what a reader must know
}

/// @dev What a finder read from a found file: cells of one chapter and the bit each carries. Carried by `LeakShown`.
struct Leak {
    uint8 chapter; // 0 to 15
    bytes32 salt; // hides what was committed to
    uint256[] seen; // rising; highest 255 bits: the cell, whose highest four name the chapter; lowest: the bit
}

/// @dev Where a mark stands, beside what was agreed. Two slots.
struct MarkState {
    MarkStage stage;
    MarkEnd end;
    uint16 spent; // chapters whose secrets are known: bit i for chapter i
    uint40 answerBy; // a leak waits for an answer until (unix seconds, exclusive); 0 means none does
    address finder; // who showed it
    bytes32 shown; // keccak256(abi.encode(finder, leak))
}

/// @dev What a finder committed to. Two slots.
struct Sealing {
    bytes32 commitment; // keccak256(abi.encode(markId, finder, leak))
    uint40 inBlock; // block number
}
