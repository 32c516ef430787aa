// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetCommitment} from "../types/Assets.sol";
import {LeafOpening} from "../types/Leaves.sol";
import {Inclusion} from "./Inclusion.sol";
import {KeyTree} from "./KeyTree.sol";
import {XChaCha20} from "./XChaCha20.sol";

/// @dev Decides about one leaf of a sealed file whether its chunk's key opens it to what the plain root promises.
///      Layout: docs/sealing.md. The tag is no plaintext and is not looked at: bytes are judged, not how they are sealed.
library BadLeaf {
    uint256 internal constant CHUNK = 262_128; // bytes of plaintext
    uint256 private constant TAG = 16;
    uint256 private constant LEAF = 1024;
    uint256 private constant LEAVES = 256; // of a whole chunk, sealed or plain
    uint256 private constant BLOCKS = LEAF / 64;

    error BadLeaf_NoSuchLeaf(uint256 chunk, uint256 place, uint256 size);
    error BadLeaf_WrongLength(uint256 given, uint256 expected);
    error BadLeaf_NotSealed(uint256 chunk, uint256 place);
    error BadLeaf_NotPromised(uint256 chunk, uint256 place);

    /// @dev Chunks of a file of `size` bytes; an empty file has one empty chunk.
    function chunkCount(uint256 size) internal pure returns (uint256) {
        return size == 0 ? 1 : (size + CHUNK - 1) / CHUNK;
    }

    /// @dev Whether the leaf is garbage under this chunk key. Reverts when the leaf is not what the asset committed to: outside the
    ///      file or wholly in the tag, of a wrong length, or not under both roots at its place.
    function isBad(AssetCommitment calldata commitment, bytes32 chunkKey, LeafOpening calldata opening)
        internal
        view
        returns (bool)
    {
        (uint256 chunk, uint256 place) = (opening.chunk, opening.place);
        uint256 length = _requirePromised(commitment, opening);
        bytes memory plain = XChaCha20.xor(
            chunkKey, bytes24(uint192(chunk)), uint32(1 + BLOCKS * place), opening.ciphertext[:length]
        );
        return sha256(abi.encodePacked(uint8(0), KeyTree.salt(chunkKey), uint32(place), plain)) != opening.plainLeaf;
    }

    /// @dev Bytes of plaintext in a leaf that stands under both roots.
    function _requirePromised(AssetCommitment calldata commitment, LeafOpening calldata opening)
        private
        view
        returns (uint256 length)
    {
        (uint256 chunk, uint256 place) = (opening.chunk, opening.place);
        uint256 expected;
        (expected, length) = _lengths(commitment.size, chunk, place);
        if (opening.ciphertext.length != expected) revert BadLeaf_WrongLength(opening.ciphertext.length, expected);

        (uint256 sealedLeaves, uint256 plainLeaves) = _counts(commitment.size);
        uint256 index = LEAVES * chunk + place;
        bytes32 leaf = sha256(abi.encodePacked(uint8(0), opening.ciphertext));
        if (!Inclusion.contains(commitment.cipherRoot, leaf, index, sealedLeaves, opening.sealedPath)) {
            revert BadLeaf_NotSealed(chunk, place);
        }
        if (!Inclusion.contains(commitment.plainRoot, opening.plainLeaf, index, plainLeaves, opening.plainPath)) {
            revert BadLeaf_NotPromised(chunk, place);
        }
    }

    /// @dev Bytes of a sealed leaf, and how many of them are plaintext.
    function _lengths(uint256 size, uint256 chunk, uint256 place) private pure returns (uint256 whole, uint256 plain) {
        uint256 last = chunkCount(size) - 1;
        uint256 start = LEAF * place;
        uint256 end = chunk < last ? CHUNK : size - CHUNK * last;
        if (chunk > last || (start >= end && place != 0)) revert BadLeaf_NoSuchLeaf(chunk, place, size);
        return (_atMost(end + TAG - start), _atMost(end - start));
    }

    /// @dev Leaves under the cipher root and under the plain root.
    function _counts(uint256 size) private pure returns (uint256 sealedLeaves, uint256 plainLeaves) {
        uint256 last = chunkCount(size) - 1;
        uint256 rest = size - CHUNK * last;
        sealedLeaves = LEAVES * last + _leaves(rest + TAG);
        plainLeaves = LEAVES * last + (rest == 0 ? 1 : _leaves(rest));
    }

    function _leaves(uint256 length) private pure returns (uint256) {
        return (length + LEAF - 1) / LEAF;
    }

    function _atMost(uint256 length) private pure returns (uint256) {
        return length < LEAF ? length : LEAF;
    }
}
