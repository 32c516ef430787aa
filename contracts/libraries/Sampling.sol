// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev Draws without replacement, one position at a time: position ↦ number is a permutation of 0 … size − 1 chosen by the seed.
///      Feistel rounds (Luby and Rackoff, "How to construct pseudorandom permutations", 1988) over the smallest 4^k ≥ size, walked on
///      until the number is below size, which takes four steps or fewer on average. Ten rounds, because among few numbers four of
///      them favour some pairs: the tests count. Twin: node/thenar/domain/previews.py.
library Sampling {
    uint256 private constant ROUNDS = 10;

    /// @dev The number at a position. `position` must be below `size`.
    function numberAt(bytes32 seed, uint256 size, uint256 position) internal pure returns (uint256 number) {
        uint256 half = (Math.log2(size, Math.Rounding.Ceil) + 1) / 2;
        number = position;
        do {
            number = _permuted(seed, half, number);
        } while (number >= size);
    }

    function _permuted(bytes32 seed, uint256 half, uint256 number) private pure returns (uint256) {
        uint256 mask = (1 << half) - 1;
        (uint256 left, uint256 right) = (number >> half, number & mask);
        for (uint256 round = 0; round < ROUNDS; ++round) {
            uint256 mixed = uint256(keccak256(abi.encode(seed, round, right)));
            (left, right) = (right, left ^ (mixed & mask));
        }
        return left << half | right;
    }
}
