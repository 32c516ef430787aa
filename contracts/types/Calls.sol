// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Names an accusation: keccak256(abi.encode(Accused)).
type AccusationId is bytes32;

/// @dev What is said to be wrong. Never changes; kept as a hash and handed back as calldata.
struct Accused {
    address node;
    AssetId model;
    bytes32 observation; // SHA-256 of what was asked
    bytes32 answer; // SHA-256 of what was answered
    uint16 place; // of the number that is wrong, counted from 0
    bytes4 claimed; // what the node answered there, a float32 as it travels: little-endian
    bytes4 charged; // what the model gives there, as the accuser says
}

/// @dev One slot.
struct Accusation {
    address accuser; // the zero address: there is none
    uint40 defendBy; // unix seconds; 0 once a jury is called
}

/// @dev A case before the SegmentCourt. Three slots.
struct CallCase {
    AccusationId accusation; // 0: there is none (slot 0)
    AssetId model; // slot 1
    address node; // slot 2
}
