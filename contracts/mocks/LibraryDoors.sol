// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Secp256k1} from "../libraries/Secp256k1.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {AssetId} from "../types/Ids.sol";
import {Claim} from "../types/Revenue.sol";

/// @title Lets tests call internal library functions on their own.
contract LibraryDoors {
    function isPoint(uint256 x, uint256 y) external pure returns (bool) {
        return Secp256k1.isPoint(x, y);
    }

    function isProduct(uint256 k, uint256 x, uint256 y, uint256 productX, uint256 productY) external pure returns (bool) {
        return Secp256k1.isProduct(k, x, y, productX, productY);
    }

    function leafHash(AssetId asset, uint32 payout, Claim calldata leaf) external view returns (bytes32) {
        return SumTree.leafHash(asset, payout, leaf);
    }

    function innerHash(bytes32 left, uint256 leftSum, bytes32 right, uint256 rightSum) public pure returns (bytes32) {
        return keccak256(abi.encode(bytes32("thenar.sum/1"), left, leftSum, right, rightSum));
    }

    /// @dev SumTree.contains without assembly: what the fast one must equal for every input.
    function containsPlain(bytes32 root, uint96 total, uint8 depth, bytes32 leaf, Claim calldata claim)
        external
        pure
        returns (bool)
    {
        if (claim.siblings.length != depth || claim.sums.length != depth || claim.index >> depth != 0) return false;
        bytes32 hash = leaf;
        uint256 sum = claim.weight;
        for (uint256 i = 0; i < depth; ++i) {
            bytes32 sibling = claim.siblings[i];
            uint256 beside = claim.sums[i];
            bool left = claim.index >> i & 1 == 0;
            hash = left ? innerHash(hash, sum, sibling, beside) : innerHash(sibling, beside, hash, sum);
            sum += beside;
        }
        return hash == root && sum == total;
    }

    function contains(bytes32 root, uint96 total, uint8 depth, bytes32 leaf, Claim calldata claim)
        external
        pure
        returns (bool)
    {
        return SumTree.contains(root, total, depth, leaf, claim);
    }
}
