// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Aggregates} from "../libraries/Aggregates.sol";
import {Floats} from "../libraries/Floats.sol";
import {LicenseSet} from "../libraries/LicenseSet.sol";
import {MemberTree} from "../libraries/MemberTree.sol";
import {Secp256k1} from "../libraries/Secp256k1.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {TraceTree} from "../libraries/TraceTree.sol";
import {Aggregation} from "../types/Aggregations.sol";
import {Opening} from "../types/Disputes.sol";
import {AssetId} from "../types/Ids.sol";
import {Claim, Listed} from "../types/Revenue.sol";

/// @title Lets tests call internal library functions on their own.
contract LibraryDoors {
    function areApart(bytes4 a, bytes4 b) external pure returns (bool) {
        return Floats.areApart(a, b);
    }

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

    function hasMember(bytes32 root, uint256 count, uint256 index, bytes32 member, bytes32[] calldata siblings)
        external
        pure
        returns (bool)
    {
        return MemberTree.contains(root, count, index, member, siblings);
    }

    function memberDepth(uint256 count) external pure returns (uint256) {
        return MemberTree.depthOf(count);
    }

    function lacks(bytes32 root, uint32 count, AssetId asset, Listed[] calldata beside) external pure returns (bool) {
        return LicenseSet.lacks(root, count, asset, beside);
    }

    function traceDepth(uint256 leaves) external pure returns (uint8) {
        return TraceTree.depthOf(leaves);
    }

    function traceNode(bytes32[16] calldata children) external pure returns (bytes32) {
        return TraceTree.nodeOf(children);
    }

    function endsRight(bytes32[16] calldata children, uint8 level, uint256 first, uint256 leaves) external pure returns (bool) {
        return TraceTree.endsRight(children, level, first, leaves);
    }

    function aboveLast(bytes32 leaf, bytes32[15][] calldata path) external pure returns (bytes32) {
        return TraceTree.aboveLast(leaf, path);
    }

    function noise(uint64 seed, uint256 pair, uint256 coordinate) external pure returns (int256) {
        return Aggregates.noise(seed, pair, coordinate);
    }

    function coordinateOf(Aggregation calldata sum, bytes calldata values, uint256 coordinate, int256 before)
        external
        pure
        returns (int256)
    {
        return Aggregates.coordinateOf(sum, values, coordinate, before);
    }

    function aggregateLeaf(
        Opening calldata opening,
        uint256 place,
        Aggregation calldata sum,
        bytes calldata values,
        int256 before,
        bytes32[] calldata path
    ) external pure returns (bytes32) {
        return Aggregates.leafOf(opening, place, sum, values, before, path);
    }
}
