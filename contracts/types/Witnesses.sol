// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev What a witness signs: a later scan of his own shows the place of a capture again.
struct Attestation {
    AssetId capture;
    AssetId scan; // the witness's own, answered with and paid
    address witness;
    uint16 overlap; // basis points of the smaller of the two that both show
    bytes laid; // how the scan is laid on the capture; canonical JSON
    uint256 nonce; // the witness's, as it stands
}

/// @dev NONE → COUNTED ⇄ DISPUTED. COUNTED → FREED once nobody can accuse any more. DISPUTED → STRUCK.
enum WordStage {
    NONE,
    COUNTED,
    DISPUTED,
    FREED,
    STRUCK
}

/// @dev A word as it was counted. One slot.
struct Word {
    uint16 weight; // basis points it adds to the capture's trust; 0 once struck
    uint40 until; // unix seconds: to accuse; while disputed how many seconds are left
    WordStage stage;
    bytes24 said; // the first bytes of keccak256(abi.encode(Attestation))
}

/// @dev A dispute about a word, by its number before the court. Three slots.
struct WordDispute {
    AssetId capture;
    address witness;
    address accuser; // the zero address: there is none
}

/// @dev What a word answers with; none of it ever changes.
struct WordParams {
    uint96 stake; // of its witness, bound while it can be accused
    uint40 window; // seconds to accuse
}
