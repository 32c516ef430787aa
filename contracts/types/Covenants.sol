// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Who alone may be licensed, and until when. One slot.
struct Exclusive {
    address licensee;
    uint40 until; // unix seconds, exclusive; max means without end
    uint32 consentEpoch; // the asset's epoch when it was taken: a withdrawal of consent ends it too
    bool sale; // taken by the KeyExchange rather than the LicenseDesk
}

/// @dev What somebody's earlier licenses of an asset, or of a part of it, were: the desk and the exchange keep the newest alone. One
///      slot, and none until a license is followed by another.
struct Former {
    uint40 trainedSince; // since when the first that was paid for and permitted training; 0 for none
    uint40 soldSince; // when the first fair sale settled; 0 for none
    uint96 floor; // the largest price floor of their terms
}

/// @dev What the maker of something derived said it left out. Two slots.
struct Acknowledgement {
    bytes32 exclusionRoot;
    uint32 consentEpoch; // the asset's epoch it was said in
    uint40 at; // unix seconds; 0 means never
}
