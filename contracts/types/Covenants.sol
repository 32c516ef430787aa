// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Who alone may be licensed, and until when. One slot.
struct Exclusive {
    address licensee;
    uint40 until; // unix seconds, exclusive; max means without end
    uint32 consentEpoch; // the asset's epoch when it was taken: a withdrawal of consent ends it too
    bool sale; // taken by the KeyExchange rather than the LicenseDesk
}

/// @dev What the maker of something derived said it left out. Two slots.
struct Acknowledgement {
    bytes32 exclusionRoot;
    uint32 consentEpoch; // the asset's epoch it was said in
    uint40 at; // unix seconds; 0 means never
}
