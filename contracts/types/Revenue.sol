// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Cumulative income of one asset. Two slots; paying touches only the first.
struct Node {
    uint128 received; // everything ever paid, settlement token units
    uint128 ownAtLink; // own part of `received` when the shares last changed
    uint128 receivedAtLink; // `received` when the shares last changed (slot 1)
    uint32 linkedShare; // sum of all parents' shares, parts per million
    uint32 payouts; // number of payouts published
}

/// @dev A parent's claim on a child's income. One slot.
struct Edge {
    uint32 share; // parts per million
    uint112 baseline; // child's `received` when it was linked
    uint112 rolled; // already moved to the parent
}

/// @dev A Merkle-sum root over beneficiaries; earns from `start` until the next payout begins.
struct Payout {
    bytes32 root;
    uint128 start; // the asset's own cumulative income when it was published (slot 1)
    uint96 totalWeight;
    uint8 depth;
}

/// @dev Who a leaf pays.
enum Beneficiary {
    OWNER, // whoever owns the named asset when it is claimed
    NODE, // the named asset's own node, so that its parents and payouts share
    ACCOUNT // a plain address
}

/// @dev One leaf of a payout with its proof: sibling hashes and sums from the leaf up.
struct Claim {
    uint32 index;
    Beneficiary kind;
    bytes32 beneficiary; // asset id, or address left-padded
    uint96 weight;
    bytes32[] siblings;
    uint96[] sums;
}

/// @dev One parent to link, ids in strictly increasing order.
struct Parent {
    AssetId asset;
    uint32 share; // parts per million
}
