// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "./Ids.sol";

/// @dev What kind of thing an asset is. A CAPTURE is a recording and has no parents; a BATCH is many captures at once;
///      the rest is derived.
enum AssetKind {
    CAPTURE,
    DATASET,
    MODEL,
    RESULT,
    BATCH
}

/// @dev Everything an asset id commits to: id = keccak256(abi.encode(AssetCommitment)).
struct AssetCommitment {
    address author;
    AssetKind kind;
    uint64 size; // bytes of plaintext under the roots, or members of a batch; 0 when nothing is sealed
    bytes32 cipherRoot; // RFC 9162 root over ciphertext leaves; 0 when nothing is sealed
    bytes32 plainRoot; // RFC 9162 root over salted plaintext leaves, or MemberTree root of a batch; 0 when nothing is sealed
    bytes32 keyCommit; // keccak256("thenar.key/1" ‖ root key); 0 when nothing is sealed
    bytes32 manifestDigest; // SHA-256 of the canonical manifest, hence its CID
    bytes32 manifestHash; // keccak256 of the same bytes
    AssetId batch; // the batch a member came in, so that one id never has two owners; 0 for whatever is minted alone
}

/// @dev Proof that an asset is the member at `index` of a batch: members[index] = keccak256(abi.encode(leaf)) with `leaf.batch` 0.
struct BatchLeaf {
    AssetCommitment batch;
    uint32 index;
    AssetCommitment leaf; // with `batch` filled in: its hash is the member's asset id
    bytes32[] siblings; // bottom to top, ceil(log2 members) of them
}

/// @dev What the registry knows of an asset. The first six are kept in one slot, which answers everything a sale, a link or a
///      withdrawal of consent asks, in one read.
struct Asset {
    address owner; // ERC-721 owner; 0 means not minted
    uint32 consentEpoch; // raising it ends every earlier license at once; below 2^24
    uint48 serial; // order of minting; a parent's serial is below its child's; below 2^32
    uint32 revokedAt; // when consent was last withdrawn, unix seconds; 0 means never
    AssetKind kind;
    bool exclusive; // the Covenants keep an exclusive license of it, which may have ended
    bytes32 manifestDigest;
    TermsId terms; // terms its owner names for new licenses; 0 means none
    uint40 mintedAt; // unix seconds
    uint16 royaltyBps; // ERC-2981, advisory
}
