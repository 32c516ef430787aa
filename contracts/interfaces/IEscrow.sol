// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Flow, Stream} from "../types/Licenses.sol";

/// @title Money of licenses that have an end: earned by the second, and given back for the seconds a license lost.
/// @notice Whoever buys a license for a time pays at once; the price waits here and becomes the seller's as time passes. When the
///         license ends before its time, because consent was withdrawn or its owner ended it, what is not yet earned goes back to
///         the licensee. Anybody can start either payment, and nothing can pause them.
/// @dev    none → Running ──collect, any number of times──► Running, all taken once the time is over
///                   └─refund when the license ended early──► Closed
///         earned = floor(price · seconds / all seconds): rounding favours the licensee of a license that ends early, and nobody of
///         one that does not, because the last second earns the whole. Taken and refunded sum to the price.
///         The stream id is keccak256(abi.encode(bytes32("thenar.stream/1"), block.chainid, address(this), Stream)).
interface IEscrow {
    /// @notice A bought license with an end begins to earn. Everything needed to collect and refund is in `stream`.
    event StreamStarted(bytes32 indexed id, AssetId indexed asset, address indexed licensee, Stream stream);
    /// @notice The seller, or the asset's node in the RevenueGraph, was paid what had been earned.
    event StreamCollected(bytes32 indexed id, uint256 amount);
    /// @notice The license ended early: `collected` went to the seller or the node, `refunded` to the licensee.
    event StreamRefunded(bytes32 indexed id, uint40 endedAt, uint256 collected, uint256 refunded);

    error Escrow_NotSource(address source, address caller);
    error Escrow_NoTime(uint40 since, uint40 until);
    error Escrow_Exists(bytes32 id);
    error Escrow_NotRunning(bytes32 id);
    error Escrow_NothingDue(bytes32 id);
    error Escrow_EndedEarly(bytes32 id, uint40 endedAt);
    error Escrow_StillRuns(bytes32 id);

    /// @notice Starts a stream whose price the caller has just moved here through the Ledger. LicenseDesk and KeyExchange only.
    function start(Stream calldata stream) external returns (bytes32 id);

    /// @notice Pays out what has been earned since the last time. Anyone may call. Reverts once the license ended early: see `refund`.
    function collect(Stream calldata stream) external returns (uint256 amount);

    /// @notice Closes a stream whose license ended early: pays out what it earned until then, and returns the rest. Anyone may call.
    function refund(Stream calldata stream) external returns (uint256 refunded);

    /// @notice When a stream's license ended before its time, unix seconds; 0 when it did not.
    /// @dev The first withdrawal of the consent it was bought under, or the first ending of its licensee's license after it was
    ///      bought: what comes later changes nothing, however long nobody refunds.
    function endedAt(Stream calldata stream) external view returns (uint40);

    /// @notice What `collect` would pay now, or `refund` would pay the seller.
    function dueOf(Stream calldata stream) external view returns (uint256);

    /// @notice The id of a stream, whether started or not.
    function idOf(Stream calldata stream) external view returns (bytes32);

    /// @notice How far a stream has come; all zero when it was never started.
    function flowOf(bytes32 id) external view returns (Flow memory);
}
