// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ICaptureBounties} from "../interfaces/ICaptureBounties.sol";
import {ICoverageMap} from "../interfaces/ICoverageMap.sol";
import {Ask, CaptureBounty, Shown, Spot} from "../types/Captures.sol";
import {Coverages} from "./Coverages.sol";
import {H3} from "./H3.sol";

/// @dev What a sponsor may ask for, what that costs, and which answers fit it. Twin: node/thenar/domain/bounty/asks.py.
library Asks {
    uint8 private constant MODALITIES = 4;
    uint8 private constant CLASSES = 6;
    uint8 private constant HOME = 6; // place class of private homes
    uint32 private constant MOST_TARGET = 1_000_000; // a hundred good captures
    uint256 private constant AT_STAKE = 4; // this part of the most an answer can be paid is laid down for it

    /// @dev Reverts with what is wrong: 1 modality, 2 class of place, 3 area, 4 grain, 5 levels, 6 subject, 7 quality, 8 target,
    ///      9 deadline, 10 price, 11 rules, 12 budget, 13 cells without a place.
    function check(Ask calldata ask, uint96 smallestBudget) internal view {
        uint8 wrong = ask.placeClass == 0 ? _wrongSubject(ask) : _wrongPlace(ask);
        if (wrong == 0) wrong = _wrongMoney(ask, smallestBudget);
        if (wrong != 0) revert ICaptureBounties.CaptureBounties_BadAsk(wrong);
    }

    function write(CaptureBounty storage kept, Ask calldata ask, address sponsor, ICoverageMap map) internal {
        (kept.sponsor, kept.modality, kept.placeClass, kept.grain) = (sponsor, ask.modality, ask.placeClass, ask.grain);
        (kept.needsDevice, kept.lowest, kept.highest, kept.minQuality) =
            (ask.needsDevice, ask.lowest, ask.highest, ask.minQuality);
        (kept.area, kept.target, kept.openedAt) = (ask.area, ask.target, uint40(block.timestamp));
        (kept.deadline, kept.slope, kept.terms) = (ask.deadline, ask.slope, ask.terms);
        (kept.price, kept.topPrice, kept.left) = (ask.price, ask.topPrice, ask.budget);
        (kept.subject, kept.rules) = (ask.subject, ask.rules);
        (kept.maxAge, kept.needsGesture) = (ask.maxAge, ask.needsGesture);
        if (ask.cells.length != 0) (kept.isListed, kept.cells) = (true, map.rootOf(ask.cells, ask.grain, ask.area));
    }

    /// @dev The finest resolution at which a class of place may be public.
    function finest(uint8 placeClass) internal pure returns (uint8) {
        if (placeClass <= 2) return 12;
        if (placeClass == 3) return 11;
        if (placeClass == 4) return 9;
        return placeClass == 5 ? 8 : 7;
    }

    /// @dev What is paid for a good capture's worth at a time: it rises from the opening on, and stops at the top.
    function priceAt(CaptureBounty storage kept, uint256 time) internal view returns (uint256) {
        uint256 price = kept.price;
        return Math.min(kept.topPrice, price + price * (time - kept.openedAt) / kept.slope);
    }

    /// @dev What an answer of that time lays down: the same for everybody, and a quarter of the most it can be paid.
    function bondAt(CaptureBounty storage kept, uint96 least, uint256 time) internal view returns (uint256) {
        return least + Coverages.worth(priceAt(kept, time), kept.target, 0, Coverages.BP) / AT_STAKE;
    }

    /// @dev Where an answer counts. Reverts when that is not asked for.
    function spotOf(CaptureBounty storage kept, Shown calldata shown) internal view returns (Spot memory) {
        uint8 grain = kept.grain;
        bool fits = shown.level >= kept.lowest && shown.level <= kept.highest;
        if (kept.placeClass == 0) fits = fits && shown.cell == 0;
        else fits = fits && H3.lies(shown.cell, grain, kept.area);
        if (!fits) revert ICaptureBounties.CaptureBounties_Elsewhere(shown.cell, shown.level);
        return Spot(kept.modality, kept.placeClass, shown.cell, shown.level, kept.subject);
    }

    function _wrongPlace(Ask calldata ask) private pure returns (uint8) {
        if (ask.modality == 0 || ask.modality > MODALITIES) return 1;
        if (ask.placeClass > CLASSES) return 2;
        if (!H3.isCell(ask.area)) return 3;
        if (ask.grain > finest(ask.placeClass) || ask.grain < H3.resolutionOf(ask.area)) return 4;
        if (ask.lowest > ask.highest) return 5;
        if (ask.placeClass == HOME && (ask.lowest != 0 || ask.highest != 0)) return 5;
        return ask.subject == 0 ? 0 : 6;
    }

    function _wrongSubject(Ask calldata ask) private pure returns (uint8) {
        if (ask.modality < 2 || ask.modality > MODALITIES) return 1; // a scan is always of a place
        if (ask.area != 0) return 3;
        if (ask.grain != 0) return 4;
        if (ask.lowest != 0 || ask.highest != 0) return 5;
        if (ask.cells.length != 0) return 13;
        return ask.subject == 0 ? 6 : 0;
    }

    function _wrongMoney(Ask calldata ask, uint96 smallestBudget) private view returns (uint8) {
        if (ask.minQuality == 0 || ask.minQuality > Coverages.BP) return 7;
        if (ask.target < Coverages.BP || ask.target > MOST_TARGET) return 8;
        if (ask.deadline <= block.timestamp) return 9;
        if (ask.price == 0 || ask.topPrice < ask.price || ask.slope == 0) return 10;
        if (ask.rules == 0) return 11;
        return ask.budget < smallestBudget ? 12 : 0;
    }
}
