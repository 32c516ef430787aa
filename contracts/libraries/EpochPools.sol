// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {EpochRoot} from "../types/Epochs.sol";

/// @dev What an epoch shares out, what a use of an asset burns, and the leaves of what accounts are due. Twin:
///      node/thenar/domain/epochs/pools.py.
library EpochPools {
    uint256 internal constant BP = 10_000;
    uint256 internal constant BURN_BP = 500; // of a usage fee
    /// @dev Below one, or whoever uses his own assets mints more than he burns.
    uint256 internal constant RETURN_BP = 8_000; // of what was burnt comes back in the next pool
    bytes32 private constant LEAF = "thenar.reward/1";
    bytes32 private constant ROOT = "thenar.epoch/1";

    /// @dev The pool of an epoch, from 1: what its period emits at most, and no more than a part of the fees burnt in the epoch before
    ///      and a base that no use changes. Rounded down.
    function poolOf(uint256 epoch, uint256 burnt, uint256 emission, uint256 halving, uint256 base)
        internal
        pure
        returns (uint256)
    {
        return Math.min(emission >> ((epoch - 1) / halving), burnt * RETURN_BP / BP + base);
    }

    /// @dev What a usage fee burns, rounded up.
    function burnOf(uint256 amount) internal pure returns (uint256) {
        return Math.ceilDiv(amount * BURN_BP, BP);
    }

    /// @dev A leaf: what an account is due from the first epoch on, at its place, here.
    function leafOf(uint256 index, address account, uint256 amount) internal view returns (bytes32) {
        return keccak256(abi.encode(LEAF, block.chainid, address(this), index, account, amount));
    }

    /// @dev What a juror votes for: everything of a root but where its tree lies.
    function verdictOf(EpochRoot memory root) internal view returns (bytes32) {
        return keccak256(abi.encode(ROOT, block.chainid, address(this), root.epoch, root.root, root.total, root.depth));
    }

    /// @dev What is kept of a settled root: all that a claim has to match.
    function keptOf(bytes32 root, uint256 total, uint256 depth) internal pure returns (bytes32) {
        return keccak256(abi.encode(root, total, depth));
    }
}
