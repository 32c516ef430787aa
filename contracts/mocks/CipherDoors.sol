// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BadLeaf} from "../libraries/BadLeaf.sol";
import {Inclusion} from "../libraries/Inclusion.sol";
import {KeyTree} from "../libraries/KeyTree.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {XChaCha20} from "../libraries/XChaCha20.sol";
import {AssetCommitment} from "../types/Assets.sol";
import {LeafOpening} from "../types/Leaves.sol";

/// @title Lets tests call the libraries about sealed bytes on their own, beside their plain forms.
contract CipherDoors {
    /* AS USED */

    function stream(bytes32 key, bytes24 nonce, uint32 firstBlock, bytes calldata data) external pure returns (bytes memory) {
        return XChaCha20.xor(key, nonce, firstBlock, data);
    }

    function chunkKey(bytes32 key, uint64 range, uint256 chunk, uint256 count) external view returns (bytes32) {
        return KeyTree.chunkKey(key, range, chunk, count);
    }

    function saltOf(bytes32 key) external pure returns (bytes32) {
        return KeyTree.salt(key);
    }

    function commitOf(bytes32 rootKey) external pure returns (bytes32) {
        return KeyTree.commitOf(rootKey);
    }

    function contains(bytes32 root, bytes32 leaf, uint256 index, uint256 size, bytes32[] calldata path)
        external
        view
        returns (bool)
    {
        return Inclusion.contains(root, leaf, index, size, path);
    }

    function chunkCount(uint256 size) external pure returns (uint256) {
        return BadLeaf.chunkCount(size);
    }

    /// @dev All that a dispute computes beside the handing over of the key.
    function isBad(AssetCommitment calldata commitment, bytes32 key, uint64 range, LeafOpening calldata opening)
        external
        view
        returns (bool)
    {
        uint256 count = BadLeaf.chunkCount(commitment.size);
        return BadLeaf.isBad(commitment, KeyTree.chunkKey(key, range, opening.chunk, count), opening);
    }

    /// @dev The same under a chunk key that no key tree was asked for.
    function isBadUnder(AssetCommitment calldata commitment, bytes32 key, LeafOpening calldata opening)
        external
        view
        returns (bool)
    {
        return BadLeaf.isBad(commitment, key, opening);
    }

    function numberAt(bytes32 seed, uint256 size, uint256 position) external pure returns (uint256) {
        return Sampling.numberAt(seed, size, position);
    }

    /* PLAIN FORMS */

    /// @dev What XChaCha20.xor must equal: draft-irtf-cfrg-xchacha-03, section 2.3, over RFC 8439, section 2.4.
    function streamPlain(bytes32 key, bytes24 nonce, uint32 firstBlock, bytes calldata data)
        external
        pure
        returns (bytes memory out)
    {
        bytes32 subkey = hchachaPlain(key, bytes16(nonce));
        bytes8 tail = bytes8(nonce << 128);
        out = new bytes(data.length);
        bytes memory block_;
        for (uint256 i = 0; i < data.length; ++i) {
            if (i % 64 == 0) block_ = blockPlain(subkey, firstBlock + uint32(i / 64), bytes12(abi.encodePacked(bytes4(0), tail)));
            out[i] = data[i] ^ block_[i % 64];
        }
    }

    /// @dev draft-irtf-cfrg-xchacha-03, section 2.2.
    function hchachaPlain(bytes32 key, bytes16 nonce) public pure returns (bytes32) {
        uint32[16] memory x = _rounds(_state(key, nonce));
        bytes memory packed;
        for (uint256 i = 0; i < 4; ++i) packed = abi.encodePacked(packed, _little(x[i]));
        for (uint256 i = 12; i < 16; ++i) packed = abi.encodePacked(packed, _little(x[i]));
        return bytes32(packed);
    }

    /// @dev RFC 8439, section 2.3.
    function blockPlain(bytes32 key, uint32 counter, bytes12 nonce) public pure returns (bytes memory packed) {
        uint32[16] memory first = _state(key, bytes16(abi.encodePacked(_little(counter), nonce)));
        uint32[16] memory x = _rounds(_state(key, bytes16(abi.encodePacked(_little(counter), nonce))));
        unchecked {
            for (uint256 i = 0; i < 16; ++i) packed = abi.encodePacked(packed, _little(x[i] + first[i]));
        }
    }

    /// @dev What Inclusion.contains must equal: RFC 9162, section 2.1.3.2.
    function containsPlain(bytes32 root, bytes32 leaf, uint256 index, uint256 size, bytes32[] calldata path)
        external
        pure
        returns (bool)
    {
        if (index >= size) return false;
        (uint256 fn, uint256 sn) = (index, size - 1);
        for (uint256 i = 0; i < path.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                leaf = sha256(abi.encodePacked(uint8(1), path[i], leaf));
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                leaf = sha256(abi.encodePacked(uint8(1), leaf, path[i]));
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && leaf == root;
    }

    /// @dev What KeyTree walks in assembly.
    function descendPlain(bytes32 key, uint256 path, uint256 levels) external pure returns (bytes32) {
        for (uint256 i = levels; i > 0; --i) {
            key = sha256(abi.encodePacked(bytes32("thenar.tree/1"), key, uint8(path >> (i - 1) & 1)));
        }
        return key;
    }

    function _state(bytes32 key, bytes16 tail) private pure returns (uint32[16] memory x) {
        (x[0], x[1], x[2], x[3]) = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
        for (uint256 i = 0; i < 8; ++i) x[4 + i] = _word(bytes4(key << (32 * i)));
        for (uint256 i = 0; i < 4; ++i) x[12 + i] = _word(bytes4(tail << (32 * i)));
    }

    function _rounds(uint32[16] memory x) private pure returns (uint32[16] memory) {
        for (uint256 i = 0; i < 10; ++i) {
            for (uint256 j = 0; j < 4; ++j) _quarter(x, j, 4 + j, 8 + j, 12 + j);
            for (uint256 j = 0; j < 4; ++j) _quarter(x, j, 4 + (j + 1) % 4, 8 + (j + 2) % 4, 12 + (j + 3) % 4);
        }
        return x;
    }

    function _quarter(uint32[16] memory x, uint256 a, uint256 b, uint256 c, uint256 d) private pure {
        unchecked {
            x[a] += x[b];
            x[d] = _turn(x[d] ^ x[a], 16);
            x[c] += x[d];
            x[b] = _turn(x[b] ^ x[c], 12);
            x[a] += x[b];
            x[d] = _turn(x[d] ^ x[a], 8);
            x[c] += x[d];
            x[b] = _turn(x[b] ^ x[c], 7);
        }
    }

    function _turn(uint32 x, uint8 by) private pure returns (uint32) {
        return x << by | x >> (32 - by);
    }

    function _word(bytes4 little) private pure returns (uint32) {
        return uint32(_little(uint32(little)));
    }

    function _little(uint32 x) private pure returns (bytes4) {
        return bytes4(x << 24 | (x & 0xff00) << 8 | (x >> 8) & 0xff00 | x >> 24);
    }
}
