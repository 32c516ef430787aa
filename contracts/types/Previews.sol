// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Everything a preview's id commits to beside chain and contract. Carried by events, handed back as calldata.
struct Preview {
    AssetId asset;
    address seller; // who owned the asset when it was asked
    address challenger;
    uint256 keyX; // the challenger's one-time secp256k1 key
    uint256 keyY;
    uint64 askedIn; // block number; the hash of the next block draws the chunks
    uint32 chunks; // of the whole file
    uint16 count; // how many of them are to be opened
    uint96 fee; // held in the Ledger until the preview ends
}

/// @dev The keys of the drawn chunks, in the order they were drawn: wrapped[i] = key xor
///      keccak256(abi.encode(bytes32("thenar.wrap/1"), keccak256(abi.encode(previewId, i)), Sx)).
struct OpenedKeys {
    bytes32 seed; // what the chunks were drawn with
    uint256 ephemeralX; // E = e·G, S = e·B = b·E, one for all positions
    uint256 ephemeralY;
    bytes32[] wrapped;
}

/// @dev What a challenger reveals to show which key was handed over at a position.
struct Reveal {
    uint16 position;
    uint256 secret; // of the one-time key
    uint256 sharedX; // S
    uint256 sharedY;
}
