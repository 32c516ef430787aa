// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Purpose bits. BIOMETRIC_ID is refused unless terms name it.
library Purposes {
    uint16 internal constant TRAIN = 1;
    uint16 internal constant EVAL = 2;
    uint16 internal constant SIM = 4;
    uint16 internal constant HUMAN_VIEW = 8;
    uint16 internal constant REDISTRIBUTE = 16;
    uint16 internal constant COMPUTE_ONLY = 32;
    uint16 internal constant BIOMETRIC_ID = 64;
    uint16 internal constant ALL = 127;
}

/// @dev What is allowed, at which floor, how long. Immutable and addressed by content. `ITermsBook.meet` says for each field which
///      of two values is the stricter one.
struct Terms {
    uint16 purposes; // bits of Purposes
    uint32 derivativeShare; // parts per million of a derivative's income owed to this asset
    uint96 priceFloor; // smallest price of any license of this asset or of what is made with it, in settlement token units
    uint32 notice; // seconds others have, after consent was withdrawn, to delete their copies
    uint40 maxDuration; // seconds a license may last from giving or buying it; 0 means without end
    bool exclusive; // while such a license runs, nobody else can be licensed
    bytes32 territory; // keccak256 of an ISO 3166 list; 0 means everywhere
    bytes32 textDigest; // SHA-256 of the human-readable text (raw CIDv1); 0 means none
}
