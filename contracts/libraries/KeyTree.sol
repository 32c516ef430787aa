// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev The keys of a sealed file: a child is SHA-256(tag ‖ parent ‖ bit), the chunk keys lie ceil(log2 chunks) below the root.
///      Nodes are named in heap order: the root is 1, the children of k are 2k and 2k + 1. Twin: node/thenar/domain/keytree.py.
library KeyTree {
    bytes32 private constant TREE = "thenar.tree/1";
    bytes32 private constant SALT = "thenar.salt/1";
    bytes32 private constant KEY = "thenar.key/1";

    error KeyTree_Outside(uint64 range, uint256 chunk, uint256 count);

    /// @dev The key of a chunk of a file of `count` chunks, from the key of a node above it (0 also means the root).
    function chunkKey(bytes32 key, uint64 range, uint256 chunk, uint256 count) internal view returns (bytes32) {
        uint256 top = range == 0 ? 1 : range;
        uint256 depth = Math.log2(count, Math.Rounding.Ceil);
        uint256 level = Math.log2(top);
        if (chunk >= count || level > depth || (1 << depth | chunk) >> (depth - level) != top) {
            revert KeyTree_Outside(range, chunk, count);
        }
        return _descend(key, chunk, depth - level);
    }

    /// @dev The salt of a chunk's plaintext leaves.
    function salt(bytes32 key) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(SALT, key));
    }

    /// @dev What an asset commits to of its root key.
    function commitOf(bytes32 rootKey) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(KEY, rootKey));
    }

    /// @dev Down the lowest `levels` bits of `path`, the highest of them first. In free memory that is never claimed: a level costs
    ///      290 gas instead of 560. The plain twin is CipherDoors.chunkKeyPlain.
    function _descend(bytes32 key, uint256 path, uint256 levels) private view returns (bytes32) {
        bytes32 tag = TREE;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, tag)
            mstore(add(at, 0x20), key)
            for { let i := levels } i { } {
                i := sub(i, 1)
                mstore8(add(at, 0x40), and(shr(i, path), 1))
                if iszero(staticcall(gas(), 2, at, 0x41, add(at, 0x20), 0x20)) { revert(0, 0) } // out of gas
            }
            key := mload(add(at, 0x20))
        }
        return key;
    }
}
