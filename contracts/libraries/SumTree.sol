// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Claim} from "../types/Revenue.sol";

/// @dev Merkle trees whose inner nodes bind the sums of both sides, so that all leaves provable under one root weigh at most its
///      total, whoever built it. Twin: node/thenar/domain/sumtree.py.
library SumTree {
    uint8 internal constant MAX_DEPTH = 20;
    bytes32 private constant LEAF = "thenar.leaf/1";
    bytes32 private constant INNER = "thenar.sum/1";

    /// @dev The hash of a leaf, bound to this chain, this contract, one payout of one asset and one place in it.
    function leafHash(AssetId asset, uint32 payout, Claim calldata leaf) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                LEAF, block.chainid, address(this), asset, payout, leaf.index, leaf.kind, leaf.beneficiary, leaf.weight
            )
        );
    }

    /// @dev Whether a leaf stands at its index in the tree with this root, total and depth.
    function contains(bytes32 root, uint96 total, uint8 depth, bytes32 leaf, Claim calldata claim)
        internal
        pure
        returns (bool)
    {
        (bytes32 top, uint256 sum) = rootOf(depth, leaf, claim);
        return top == root && sum == total;
    }

    /// @dev The root and the total of the one tree of this depth in which a leaf with this proof stands. The length of the proof is
    ///      fixed by the depth and the index must fit into it, so no leaf has a second index and no inner node passes for a leaf;
    ///      what has another shape gets a sum that no total equals.
    function rootOf(uint8 depth, bytes32 leaf, Claim calldata claim) internal pure returns (bytes32 top, uint256 sum) {
        if (claim.siblings.length != depth || claim.sums.length != depth || claim.index >> depth != 0) {
            return (0, type(uint256).max);
        }
        return fold(leaf, claim.weight, claim.index, claim.siblings, claim.sums);
    }

    /// @dev Hashes a leaf up to the root: inner = keccak256(abi.encode(INNER, leftHash, leftSum, rightHash, rightSum)). A sum that
    ///      is no uint96 makes the returned sum one that no total equals, and 21 smaller ones cannot overflow.
    ///      In free memory that is never claimed: 20 levels cost 20,000 gas less than the plain form, which the tests keep
    ///      beside it (LibraryDoors).
    function fold(bytes32 leaf, uint256 weight, uint256 index, bytes32[] calldata siblings, uint96[] calldata sums)
        internal
        pure
        returns (bytes32 hash, uint256 sum)
    {
        (hash, sum) = (leaf, weight);
        bytes32 tag = INNER;
        // The plain twin is LibraryDoors.containsPlain, and the tests compare the two.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let at := mload(0x40)
            let tooBig := 0
            mstore(at, tag)
            for { let i := 0 } lt(i, siblings.length) { i := add(i, 1) } {
                let beside := calldataload(add(sums.offset, shl(5, i)))
                let side := shl(6, and(shr(i, index), 1)) // 0 when the hash so far stands left, 64 when it stands right
                let mine := add(add(at, 0x20), side)
                let other := sub(add(at, 0x60), side)
                mstore(mine, hash)
                mstore(add(mine, 0x20), sum)
                mstore(other, calldataload(add(siblings.offset, shl(5, i))))
                mstore(add(other, 0x20), beside)
                hash := keccak256(at, 0xa0)
                sum := add(sum, beside)
                tooBig := or(tooBig, shr(96, beside))
            }
            if tooBig { sum := not(0) }
        }
    }
}
