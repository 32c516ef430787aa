// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Merkle trees of sixteen over the checkpoints of one unit of work: leaf 0 is the state before the first step, leaf i the state
///      after segment i, each the SHA-256 of the checkpoint's bytes. A node is the Keccak-256 of its sixteen children, 512 bytes.
///      The number of leaves fixes the depth, and places at and beyond it hold 0 on every level, so that no inner node passes for a
///      leaf and nothing hides beyond the end. Twin: node/thenar/domain/work/trace.py.
library TraceTree {
    uint256 internal constant MAX_LEAVES = 4096;

    /// @dev Levels above the leaves of a tree over 2 to 4,096 leaves: the smallest d with 16^d >= leaves.
    function depthOf(uint256 leaves) internal pure returns (uint8) {
        return leaves <= 16 ? 1 : leaves <= 256 ? 2 : 3;
    }

    /// @dev The node above sixteen children.
    function nodeOf(bytes32[16] calldata children) internal pure returns (bytes32) {
        return keccak256(abi.encode(children));
    }

    /// @dev How many leaves one child of a node on this level spans; leaves are on level 0.
    function span(uint8 level) internal pure returns (uint256) {
        return 1 << 4 * (level - 1);
    }

    /// @dev Whether the children of a node on this level, whose first leaf is `first`, hold 0 wherever the tree has ended.
    function endsRight(bytes32[16] calldata children, uint8 level, uint256 first, uint256 leaves) internal pure returns (bool) {
        uint256 width = span(level);
        uint256 there = (leaves - first + width - 1) / width;
        for (uint256 i = there; i < 16; ++i) {
            if (children[i] != 0) return false;
        }
        return true;
    }

    /// @dev The node whose last leaf is `leaf`; `path` has the fifteen siblings left of the edge, from the leaf's level up.
    function aboveLast(bytes32 leaf, bytes32[15][] calldata path) internal pure returns (bytes32 node) {
        node = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            node = keccak256(abi.encode(path[i], node));
        }
    }
}
