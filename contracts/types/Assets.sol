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
    bytes32 cipherRoot; // RFC 9162 root over ciphertext leaves; 0 when nothing is sealed
    bytes32 plainRoot; // RFC 9162 root over salted plaintext leaves; 0 when nothing is sealed
    bytes32 keyCommit; // keccak256("thenar.key/1" ‖ root key); 0 when nothing is sealed
    bytes32 manifestDigest; // SHA-256 of the canonical manifest, hence its CID
    bytes32 manifestHash; // keccak256 of the same bytes
}

/// @dev What the registry stores of an asset. Slot 0 answers everything a sale, a link or a withdrawal of consent asks, in one read.
struct Asset {
    address owner; // ERC-721 owner; 0 means not minted
    uint32 consentEpoch; // raising it ends every earlier license at once
    uint48 serial; // order of minting; a parent's serial is below its child's
    AssetKind kind;
    bytes32 manifestDigest; // slot 1
    TermsId terms; // terms its owner names for new licenses; 0 means none (slot 2)
    uint40 mintedAt; // unix seconds
    uint16 royaltyBps; // ERC-2981, advisory
}
