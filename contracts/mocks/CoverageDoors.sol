// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Coverages} from "../libraries/Coverages.sol";
import {H3} from "../libraries/H3.sol";
import {Verdicts} from "../libraries/Verdicts.sol";
import {Witnesses} from "../libraries/Witnesses.sol";
import {Spot} from "../types/Captures.sol";

/// @title Lets tests call what coverage is counted with on its own.
contract CoverageDoors {
    function isCell(uint64 cell) external pure returns (bool) {
        return H3.isCell(cell);
    }

    function resolutionOf(uint64 cell) external pure returns (uint8) {
        return H3.resolutionOf(cell);
    }

    function parent(uint64 cell, uint8 resolution) external pure returns (uint64) {
        return H3.parent(cell, resolution);
    }

    function keyOf(Spot calldata spot) external pure returns (bytes32) {
        return Coverages.keyOf(spot);
    }

    function halfLifeOf(uint8 placeClass) external pure returns (uint40) {
        return Coverages.halfLifeOf(placeClass);
    }

    function faded(uint256 amount, uint256 age, uint256 halfLife) external pure returns (uint256) {
        return Coverages.faded(amount, age, halfLife);
    }

    function worth(uint256 price, uint256 target, uint256 from, uint256 to) external pure returns (uint256) {
        return Coverages.worth(price, target, from, to);
    }

    function wordWeight(uint256 stake, uint256 minimumStake, uint256 earlier) external pure returns (uint256) {
        return Witnesses.weightOf(stake, minimumStake, earlier);
    }

    function leafOf(uint16 quality, uint16 novelty) external pure returns (bytes32) {
        return Verdicts.leafOf(quality, novelty);
    }
}
