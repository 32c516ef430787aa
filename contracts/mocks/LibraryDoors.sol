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

    function innerHash(bytes32 left, uint256 leftSum, bytes32 right, uint256 rightSum) external pure returns (bytes32) {
        return SumTree.innerHash(left, leftSum, right, rightSum);
    }

    function contains(bytes32 root, uint256 total, uint8 depth, bytes32 leaf, Claim calldata claim)
        external
        pure
        returns (bool)
    {
        return SumTree.contains(root, total, depth, leaf, claim);
    }
}
