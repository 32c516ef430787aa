// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ICoverageMap} from "./interfaces/ICoverageMap.sol";
import {CellList} from "./libraries/CellList.sol";
import {Coverages} from "./libraries/Coverages.sol";
import {H3} from "./libraries/H3.sol";
import {Coverage, Share, Spot} from "./types/Captures.sol";

/// @title What of the world is captured: see ICoverageMap.
contract CoverageMap is ICoverageMap {
    address private immutable _bounties;

    mapping(bytes32 key => Coverage) private _coverages;
    mapping(bytes32 key => mapping(address party => Share)) private _shares;

    constructor(address captureBounties) {
        _bounties = captureBounties;
    }

    /// @inheritdoc ICoverageMap
    function fill(Spot calldata spot, address owner, address device, uint16 gain)
        external
        returns (uint64 before, uint64 covered)
    {
        if (msg.sender != _bounties) revert CoverageMap_NotBounties(msg.sender);
        bytes32 key = Coverages.keyOf(spot);
        uint40 halfLife = Coverages.halfLifeOf(spot.placeClass);
        uint64 added = uint64(Math.min(gain, _room(_shares[key][owner], halfLife)));
        if (device != address(0)) added = uint64(Math.min(added, _room(_shares[key][device], halfLife)));

        before = _faded(_coverages[key], uint40(block.timestamp), halfLife);
        covered = before + added;
        _coverages[key] = Coverage(covered, uint40(block.timestamp));
        _add(_shares[key][owner], added, halfLife);
        if (device != address(0)) _add(_shares[key][device], added, halfLife);

        emit CoverageRaised(key, owner, spot, before, covered, uint40(block.timestamp));
    }

    /* VIEWS */

    /// @inheritdoc ICoverageMap
    function coverageAt(Spot calldata spot, uint40 time) external view returns (uint64) {
        return _faded(_coverages[Coverages.keyOf(spot)], time, Coverages.halfLifeOf(spot.placeClass));
    }

    /// @inheritdoc ICoverageMap
    function roomOf(Spot calldata spot, address party) external view returns (uint64) {
        return _room(_shares[Coverages.keyOf(spot)][party], Coverages.halfLifeOf(spot.placeClass));
    }

    /// @inheritdoc ICoverageMap
    function shareOf(Spot calldata spot, address party) external view returns (Share memory) {
        return _shares[Coverages.keyOf(spot)][party];
    }

    /// @inheritdoc ICoverageMap
    function keyOf(Spot calldata spot) external pure returns (bytes32) {
        return Coverages.keyOf(spot);
    }

    /// @inheritdoc ICoverageMap
    function rootOf(uint64[] calldata cells, uint8 resolution, uint64 area) external pure returns (bytes32) {
        if (cells.length == 0 || cells.length > CellList.MOST) revert CoverageMap_BadList(cells.length);
        for (uint256 i = 0; i < cells.length; ++i) {
            if (!H3.lies(cells[i], resolution, area) || (i != 0 && cells[i] <= cells[i - 1])) revert CoverageMap_BadList(i);
        }
        return CellList.rootOf(cells);
    }

    /* PRIVATE */

    /// @dev What a party may still add: one good capture in a half-life.
    function _room(Share memory share, uint40 halfLife) private view returns (uint64) {
        if (block.timestamp >= uint256(share.since) + halfLife) return uint64(Coverages.BP);
        return uint64(Coverages.BP) - share.added; // never more was added
    }

    function _add(Share storage kept, uint64 added, uint40 halfLife) private {
        bool isOver = block.timestamp >= uint256(kept.since) + halfLife;
        if (isOver) (kept.added, kept.since) = (added, uint40(block.timestamp));
        else kept.added += added;
    }

    function _faded(Coverage memory kept, uint40 time, uint40 halfLife) private pure returns (uint64) {
        return uint64(Coverages.faded(kept.amount, time - kept.at, halfLife));
    }
}
