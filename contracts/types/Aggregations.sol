// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev How numbers become coordinates.
enum AggregationKind {
    MOMENTS, // sums of values, of their squares and of their cubes
    EVOLUTION // an evolution strategy's update: one value a pair of members, what its one half scored more than the other
}

/// @dev Sums that the chain can compute itself. Its ABI encoding is the spec of the work.
struct Aggregation {
    AggregationKind kind;
    uint64 seed; // of the noise
    uint32 count; // of values: at most 4,096
    uint32 width; // of coordinates
    int64 rate; // times the sum,
    uint8 shift; // then shifted right by so many bits, towards minus infinity
    bytes32 values; // keccak256 of all values, 8 bytes each, signed, big-endian
    bytes32 before; // MemberTree over `width` coordinates as they were, each as a signed word; 0 for MOMENTS
    bytes32 source; // SHA-256 of the block that says where these numbers are; the chain has no use for it
}
