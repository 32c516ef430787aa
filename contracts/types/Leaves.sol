// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev One leaf of a sealed file with its place under both roots: what a dispute about bytes shows.
struct LeafOpening {
    uint32 chunk; // index of the AEAD chunk
    uint16 place; // leaf within the chunk, 0 to 255
    bytes ciphertext; // the sealed leaf: 1,024 bytes, or fewer at the end of the file
    bytes32[] sealedPath; // siblings up to cipherRoot (RFC 9162)
    bytes32 plainLeaf; // what plainRoot promises at this place
    bytes32[] plainPath; // siblings up to plainRoot
}
