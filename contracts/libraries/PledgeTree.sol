// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ShownAnswer} from "../types/Storage.sol";
import {SumTree} from "./SumTree.sol";

/// @dev What a node holds as one Merkle-sum tree: a leaf is a replica and weighs as many leaves as it has, so every position below
///      the total lies in one leaf of one replica, whoever built the tree. Twin: node/thenar/domain/storage/pledges.py.
library PledgeTree {
    bytes32 internal constant REPLICA = "thenar.replica/1";
    bytes32 internal constant CHALLENGE = "thenar.challenge/1";
    bytes32 internal constant ANSWER = "thenar.answer/1";

    /// @dev Which of `leaves` leaves challenge number `place` of a node asks for.
    function positionOf(bytes32 seed, address node, uint256 place, uint256 leaves) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(CHALLENGE, seed, node, place))) % leaves;
    }

    /// @dev The answer to a challenge. It is over the leaf's bytes, so no hash that was kept instead of them gives it.
    function answerOf(bytes32 seed, address node, uint256 place, bytes calldata leaf) internal pure returns (bytes32) {
        return keccak256(bytes.concat(ANSWER, seed, bytes20(node), bytes1(uint8(place)), leaf));
    }

    /// @dev Whether the shown replica stands in the tree with this root, total and depth, and its leaf number `index` at `position`.
    function holds(bytes32 root, uint256 total, uint8 depth, ShownAnswer calldata shown, uint256 position)
        internal
        pure
        returns (bool)
    {
        if (shown.siblings.length != depth || shown.sums.length != depth || shown.place >> depth != 0) return false;
        if (shown.index >= shown.leaves) return false;
        bytes32 leaf = keccak256(abi.encode(REPLICA, shown.replica, shown.leaves));
        (bytes32 top, uint256 sum) = SumTree.fold(leaf, shown.leaves, shown.place, shown.siblings, shown.sums);
        return top == root && sum == total && _before(shown) + shown.index == position;
    }

    /// @dev Leaves of the replicas that stand left of the shown one.
    function _before(ShownAnswer calldata shown) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < shown.sums.length; ++i) {
            if (shown.place >> i & 1 == 1) sum += shown.sums[i];
        }
    }
}
