// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Program, Run, RunId, RunLimits} from "../types/Runs.sol";

/// @title Programs that come to the data.
/// @notice An owner approves programs for an asset, by hash, each with limits. Whoever is licensed for COMPUTE_ONLY orders runs of them;
///         the owner's node runs them at home and hands out the output alone, sealed for the buyer. The price waits in the Ledger
///         and goes to the asset's node in the RevenueGraph once the output was delivered and not rejected.
/// @dev    None ──order──► Ordered ──deliver──► Delivered ──settle──► gone, paid
///                            └──refund──► gone         └──reject──► gone, burnt
///         No stranger has the data, so nobody can repeat a run: neither output nor its absence is judged here. A buyer who has no
///         use for what was delivered rejects it and burns the price, so that neither side gains by cheating the other.
///         The budget is counted here, in order of blocks, so that an owner's node that lost its memory cannot spend it twice.
///         Nothing here can be paused. When consent is withdrawn, the asset changes hands, the program is disapproved or the license
///         ends, nothing more is delivered and whoever likes brings the money back.
interface IRunDesk {
    /// @notice Runs of a program over an asset may be ordered, within these limits.
    event ProgramApproved(
        AssetId indexed asset, bytes32 indexed program, address indexed owner, uint32 consentEpoch, RunLimits limits
    );
    /// @notice No more runs of a program over an asset.
    event ProgramDisapproved(AssetId indexed asset, bytes32 indexed program, address indexed owner);
    /// @notice Somebody ordered a run. `ordered` says everything about it.
    /// @param keyX the buyer's one-time point, for which the output is sealed
    event RunOrdered(RunId indexed run, AssetId indexed asset, address indexed buyer, Run ordered, uint256 keyX, uint256 keyY);
    /// @notice The output is there.
    /// @param sealedDigest SHA-256 of the sealed output, hence its CID
    /// @param rejectBy until when the buyer may reject it, unix seconds
    event RunDelivered(RunId indexed run, bytes32 sealedDigest, uint40 rejectBy);
    /// @notice A run was paid to its asset.
    event RunSettled(RunId indexed run, uint96 price);
    /// @notice The buyer had no use for what was delivered; the price is burnt.
    event RunRejected(RunId indexed run, uint96 price);
    /// @notice No output came; the price is the buyer's again.
    event RunRefunded(RunId indexed run, uint96 price);

    error RunDesk_NotOwner(AssetId asset, address caller);
    error RunDesk_Batch(AssetId asset);
    error RunDesk_EmptyLimits();
    error RunDesk_NotApproved(AssetId asset, bytes32 program);
    error RunDesk_NotAllowed(AssetId asset, address buyer, uint40 at);
    error RunDesk_NoPart(uint32 part, uint32 parts);
    error RunDesk_PriceAbove(uint96 price, uint96 maxPrice);
    error RunDesk_BuyerSpent(address buyer, uint16 perBuyer);
    error RunDesk_DaySpent(AssetId asset, bytes32 program, uint16 perDay);
    error RunDesk_ShortPaid(uint256 received, uint96 amount);
    error RunDesk_Ended(RunId run);
    error RunDesk_WrongStage(RunId run);
    error RunDesk_TooLate(RunId run, uint40 deadline);
    error RunDesk_Withdrawn(RunId run);
    error RunDesk_NotBuyer(RunId run, address caller);
    error RunDesk_StillRuns(RunId run, uint40 until);

    /* APPROVING */

    /// @notice Lets licensees order runs of a program over an asset; again, with other limits. Owner only.
    /// @dev Orders of today go on counting. What is ordered already keeps its price and its size. Batches have no bytes of their own.
    /// @param program SHA-256 of the module
    /// @param limits none of them 0 but the price
    function approve(AssetId asset, bytes32 program, RunLimits calldata limits) external;

    /// @notice Takes that back. What was ordered and not delivered is refunded. Whoever approved.
    function disapprove(AssetId asset, bytes32 program) external;

    /* RUNNING */

    /// @notice Orders a run, with its price from the caller's wallet.
    /// @dev The caller owns the asset or is licensed for COMPUTE_ONLY until the delivery's deadline at least.
    /// @param part below the program's parts
    /// @param maxPrice refuse a higher one
    /// @param keyX the caller's one-time point on secp256k1, used for no other run
    function order(AssetId asset, bytes32 program, uint32 part, uint96 maxPrice, uint256 keyX, uint256 keyY)
        external
        returns (RunId run);

    /// @notice Says where the sealed output lies. The asset's owner, up to the deadline and while everything stands.
    /// @param buyer must be the run's, so that a number that a reorganisation gave to somebody else delivers nothing
    function deliver(RunId run, address buyer, bytes32 sealedDigest) external;

    /// @notice Pays a delivered run to its asset: by the buyer at any time, by anybody once he can reject it no more.
    function settle(RunId run) external;

    /// @notice Burns the price of a delivered run. The buyer only, up to the deadline.
    function reject(RunId run) external;

    /// @notice Gives the price of a run without output back: by the owner at any time, by anybody once it is late or stands no more.
    function refund(RunId run) external;

    /* VIEWS */

    /// @notice A program as stored, and whether it stands: approved by the owner of now, in the consent epoch of now.
    function programOf(AssetId asset, bytes32 program) external view returns (Program memory, bool stands);

    /// @notice Runs of a program over an asset ordered today (UTC), by everybody and by one buyer.
    function usedToday(AssetId asset, bytes32 program, address buyer) external view returns (uint32 all, uint32 own);

    /// @notice A run as stored. Reverts for one that never was or has ended.
    function runOf(RunId run) external view returns (Run memory);

    /// @notice How many runs were ordered; they are numbered from 1.
    function count() external view returns (uint64);

    /// @notice Seconds from order to delivery, and from delivery to the end of rejecting.
    function windows() external view returns (uint40 runWindow, uint40 rejectWindow);
}
