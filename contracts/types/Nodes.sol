// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Role bits of a node.
library Roles {
    uint16 internal constant STORE = 1;
    uint16 internal constant COMPUTE = 2;
    uint16 internal constant WITNESS = 4;
    uint16 internal constant ATTEST = 8;
    uint16 internal constant JUROR = 16;
    uint16 internal constant ALL = 31;
}

/// @dev A registered peer. Three slots.
struct NodeRecord {
    bytes32 peerKey; // raw Ed25519 public key of the libp2p identity; 0 means not registered
    uint96 stake; // what is bound of it can be lost (slot 1)
    uint96 bound; // part of `stake` that answers for duties; beside it, because every claim compares the two
    uint40 unbondedAt; // unix seconds; 0 means nothing is unbonding
    uint16 roles; // bits of Roles
    uint96 unbonding; // leaves at `unbondedAt` (slot 2)
}
