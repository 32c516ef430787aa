// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev One ciphertext of an asset, kept by at most one node. Two slots.
struct Replica {
    AssetId asset; // 0: not listed
    address holder; // slot 1; 0: nobody keeps it
    uint48 leaves; // of 1,024 bytes; the last may be shorter
}

/// @dev What a node says it holds, frozen for all rounds until the next pledge. Two slots.
struct Pledge {
    bytes32 root; // of the sum tree over all replicas
    uint48 leaves; // of 1,024 bytes, in all replicas
    uint8 depth; // of the tree
}

/// @dev A round and its seed. Two slots.
struct Round {
    bytes32 seed; // hash of the block it is drawn by
    uint64 seedBlock; // 0: nobody opened the round
    uint40 answerBy; // unix seconds; 0: not seeded
}

/// @dev How a node stands. One slot. The maps are of the eight rounds up to `latest`, which is bit 0.
struct Standing {
    uint24 pledges; // number of the last pledge
    uint24 since; // first round of the last pledge
    uint24 first; // first round of the first pledge; 0: nothing is pledged
    uint24 until; // first round without a pledge; 0: it goes on
    uint24 latest; // the round the maps were last brought up to
    uint8 answered;
    uint8 missed; // and reported
    uint8 demands; // open ones
    uint96 bond; // bound stake
}

/// @dev Somebody wants to see one answer. Two slots.
struct AnswerDemand {
    bytes32 answers; // root of the answers it is among
    address by;
    uint40 showBy; // unix seconds; 0: not demanded, or over
    uint24 pledge; // number of the pledge that was asked about
}

/// @dev One answer spelled out: the challenged leaf with its place under the replica's root, the replica's under the pledge's,
///      and the answer's among the eight.
struct ShownAnswer {
    bytes leaf; // of ciphertext
    uint48 index; // of the leaf in its replica
    bytes32[] path; // siblings up to the replica's root (RFC 9162)
    bytes32 replica; // its root
    uint48 leaves; // of the replica
    uint32 place; // of the replica in the pledge
    bytes32[] siblings; // of the sum tree, from the replica up
    uint96[] sums; // the siblings' sums
    bytes32[] beside; // siblings of the answer, up to the root of the eight
}
