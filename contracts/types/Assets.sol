// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TermsId} from "./Ids.sol";

/// @dev What kind of thing an asset is. A CAPTURE is a recording and has no parents; the rest is derived.
enum AssetKind {
    CAPTURE,
    DATASET,
    MODEL,
    RESULT
}

/// @dev Everything an asset id commits to: id = keccak256(abi.encode(AssetCommitment)).
struct AssetCommitment {
    address author;
    AssetKind kind;
    bytes32 cipherRoot; // RFC 9162 root over ciphertext leaves
    bytes32 plainRoot; // RFC 9162 root over salted plaintext leaves
    bytes32 keyCommit; // keccak256("thenar.key/1" ‖ root key)
    bytes32 manifestDigest; // SHA-256 of the canonical manifest, hence its CID
    bytes32 manifestHash; // keccak256 of the same bytes
}

/// @dev What the registry stores beside the ERC-721 owner. One slot, then the digest.
struct Asset {
    TermsId terms;
    uint32 consentEpoch; // raising it ends every earlier license at once
    uint48 serial; // order of minting; a parent's serial is below its child's
    uint40 mintedAt; // unix seconds
    AssetKind kind;
    uint16 royaltyBps; // ERC-2981, advisory
    bytes32 manifestDigest; // slot 1
}
