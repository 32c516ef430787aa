// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bounty, BountyId, Job, Range, Terms} from "../types/Compute.sol";
import {AssetId} from "../types/Ids.sol";

/// @title Bounties for work on strangers' machines: their money and their units.
/// @notice The requester locks the whole price at the start: nobody who worked waits for his signature. Units are claimed, and paid one by
///         one, through WorkClaims; what was not done in time goes back to him.
/// @dev   createBounty → claims → closeBounty. Units are fresh, running in one claim, done, or given back by a claim that ended without
///        pay; none is paid twice. Nothing here can be paused.
interface IComputeBounties {
    /// @notice Work is asked for. `job` says everything about it; `budget` is locked.
    event BountyCreated(
        BountyId indexed bounty, address indexed requester, bytes32 indexed classId, Job job, uint256 budget
    );
    /// @notice The requester wants no more claims.
    event BountyCancelled(BountyId indexed bounty);
    /// @notice What was not spent went back to the requester.
    event BountyClosed(BountyId indexed bounty, address indexed requester, uint256 refunded);
    /// @notice The input asset was paid for `units` more units.
    event InputPaid(BountyId indexed bounty, AssetId indexed input, uint32 units, uint256 amount);
    error ComputeBounties_BadJob(uint8 what);
    error ComputeBounties_StakeTooSmall(uint256 stake, uint256 smallest);
    error ComputeBounties_ShortPaid(uint256 received, uint256 budget);
    error ComputeBounties_Unknown(BountyId bounty);
    error ComputeBounties_NotRequester(BountyId bounty, address caller);
    error ComputeBounties_Ended(BountyId bounty);
    error ComputeBounties_StillRuns(BountyId bounty, uint32 running);
    error ComputeBounties_NothingDue(BountyId bounty);
    error ComputeBounties_NothingLeft(BountyId bounty);
    error ComputeBounties_TooEarly(uint256 since);
    error ComputeBounties_NotDisputes(address caller);
    error ComputeBounties_NotClaims(address caller);

    /* BOUNTIES */

    /// @notice Asks for work and locks its whole price from the caller's wallet: units · (price + inputPrice + auditPrice), and with a
    ///         canary root the bond for one wrong canary.
    function createBounty(Job calldata job) external returns (BountyId bounty);

    /// @notice Ends new claims. The requester only; what runs goes on.
    function cancel(BountyId bounty) external;

    /// @notice Gives the rest back to the requester, once no claim runs and the bounty is cancelled, past its deadline or done. Anyone.
    function closeBounty(BountyId bounty) external;

    /// @notice Pays the input asset, through the RevenueGraph, for what was done since the last time. Anyone.
    function payInput(BountyId bounty) external;

    /* CLAIMS: IWorkClaims only */

    /// @notice Hands out up to `count` units of an open bounty to a new claim. Units given back come first; the range is contiguous and may
    ///         be shorter than asked for.
    function take(BountyId bounty, uint16 count) external returns (Terms memory terms, uint32 first, uint16 taken);

    /// @notice A claim has ended without pay: its units are open again.
    function giveBack(BountyId bounty, uint32 first, uint16 count) external;

    /// @notice A claim has ended well: pays the worker for its units.
    function payWork(BountyId bounty, address worker, uint16 count) external returns (uint256 paid);

    /// @notice Pays an auditor for so many units.
    /// @dev Each unit's audit is paid once at most; what an auditor is short of then is paid to nobody.
    function payAudit(BountyId bounty, address auditor, uint256 units) external returns (uint256 paid);

    /* DISPUTES: IClaimDisputes only */

    /// @notice Moves the bond for a wrong canary out of a bounty to the caller, or puts it back after the caller has moved it here.
    function moveCanaryBond(BountyId bounty, bool out) external returns (uint256 amount);

    /* VIEWS */

    function bountyOf(BountyId bounty) external view returns (Bounty memory);

    function termsOf(BountyId bounty) external view returns (Terms memory);

    /// @notice Units that were given back, the next to be claimed last.
    function returnedOf(BountyId bounty) external view returns (Range[] memory);

    /// @notice How many bounties there are; they are numbered from 1.
    function bountyCount() external view returns (uint64);

    /// @notice Seconds of the longest work window.
    function workLimit() external view returns (uint40);
}
