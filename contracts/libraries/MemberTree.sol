// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev Merkle trees over numbered members. A leaf binds its place and the depth binds how many there are, so that no member
///      has a second place, no inner node passes for a leaf and nothing stands at or beyond the count.
///      Twin: node/thenar/domain/membertree.py.
library MemberTree {
    bytes32 private constant LEAF = "thenar.member/1";
    bytes32 private constant INNER = "thenar.members/1";

    /// @dev Whether `member` stands at `index` of the tree with this root over `count` members. The tree has ceil(log2 count)
    ///      levels above its leaves; places at and beyond the count hold 0.
    function contains(bytes32 root, uint256 count, uint256 index, bytes32 member, bytes32[] calldata siblings)
        internal
        pure
        returns (bool)
    {
        if (index >= count || siblings.length != depthOf(count)) return false;
        bytes32 hash = keccak256(abi.encode(LEAF, index, member));
        for (uint256 i = 0; i < siblings.length; ++i) {
            bytes32 sibling = siblings[i];
            bool left = index >> i & 1 == 0;
            hash = left ? keccak256(abi.encode(INNER, hash, sibling)) : keccak256(abi.encode(INNER, sibling, hash));
        }
        return hash == root;
    }

    /// @dev Levels above the leaves of a tree over `count` members.
    function depthOf(uint256 count) internal pure returns (uint256) {
        return count < 2 ? 0 : Math.log2(count - 1) + 1;
    }
}
