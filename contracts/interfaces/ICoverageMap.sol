// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Share, Spot} from "../types/Captures.sol";

/// @title What of the world is captured, how well and how long ago.
/// @notice Coverage is counted in basis points of one good capture, by modality, class of place, H3 cell and level, or by subject where
///         there is no place. It fades by half in 90 to 730 days. A spot is as coarse as its class of place demands: a private home is
///         one of all in its cell of resolution 7, and its level is not known here.
/// @dev One owner, and one device, raises a spot by one good capture in a half-life at most: the second needs somebody else. Holds no money.
interface ICoverageMap {
    /// @notice Coverage of a spot rose from `before`, faded to now, to `covered`.
    event CoverageRaised(bytes32 indexed key, address indexed owner, Spot spot, uint64 before, uint64 covered, uint40 time);

    error CoverageMap_NotBounties(address caller);
    error CoverageMap_BadList(uint256 at);

    /// @notice Raises a spot's coverage by at most `gain`. CaptureBounties only.
    /// @param device 0: none is counted
    /// @return before faded to now
    /// @return covered from now on; never below `before`, and at most `gain` above
    function fill(Spot calldata spot, address owner, address device, uint16 gain)
        external
        returns (uint64 before, uint64 covered);

    /// @notice Coverage of a spot at a time not before the last raise, in basis points.
    function coverageAt(Spot calldata spot, uint40 time) external view returns (uint64);

    /// @notice By how much an owner or a device can still raise a spot now, in basis points.
    function roomOf(Spot calldata spot, address party) external view returns (uint64);

    /// @notice What an owner or a device has added to a spot since a half-life of his began.
    function shareOf(Spot calldata spot, address party) external view returns (Share memory);

    function keyOf(Spot calldata spot) external pure returns (bytes32);

    /// @notice The root over a list of 1 to 256 cells that rise, have a resolution and lie in an area. Reverts with the place of one that
    ///         does not, or the length of a list that has none or too many.
    function rootOf(uint64[] calldata cells, uint8 resolution, uint64 area) external pure returns (bytes32);
}
