// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Spot} from "../types/Captures.sol";

/// @dev How coverage is counted, how it fades and what raising it is worth. Twin: node/thenar/domain/bounty/coverage.py.
library Coverages {
    uint256 internal constant BP = 10_000; // one good capture
    bytes32 private constant TAG = "thenar.spot/1";
    uint256 private constant HALVINGS = 13; // after so many nothing is left

    function keyOf(Spot memory spot) internal pure returns (bytes32) {
        return keccak256(abi.encode(TAG, spot));
    }

    /// @dev Seconds in which coverage of a class of place fades by half: streets and halls change fastest, what is no place least.
    function halfLifeOf(uint8 placeClass) internal pure returns (uint40) {
        if (placeClass == 0) return 730 days;
        if (placeClass <= 2) return 90 days;
        return placeClass <= 4 ? 180 days : 365 days;
    }

    /// @dev What is left of an amount: halved for every half-life, straight between, nothing after thirteen. Rounded down.
    function faded(uint256 amount, uint256 age, uint256 halfLife) internal pure returns (uint256) {
        uint256 halvings = age / halfLife;
        if (halvings >= HALVINGS) return 0;
        return (amount >> halvings) * (2 * halfLife - age % halfLife) / (2 * halfLife);
    }

    /// @dev What raising coverage is worth: the integral of price · g · (1 + 4 g²) over it, where g is the part of the target that is
    ///      missing. A difference of two values of one function, so that parts of a raise are worth exactly what the whole is.
    function worth(uint256 price, uint256 target, uint256 from, uint256 to) internal pure returns (uint256) {
        return _ahead(price, target, from) - _ahead(price, target, to);
    }

    /// @dev What is still to be had at a spot, rounded down: with x missing of the target T, price · (x² T² + 2 x⁴) / (2 T³ · BP).
    function _ahead(uint256 price, uint256 target, uint256 covered) private pure returns (uint256) {
        if (covered >= target) return 0;
        uint256 square = (target - covered) ** 2;
        return price * square * (target ** 2 + 2 * square) / (2 * target ** 3 * BP);
    }
}
