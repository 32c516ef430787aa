// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BountyId, ClaimId, WorkClaim} from "../types/Compute.sol";

/// @title Claims to units of a bounty: work, audit, pay.
/// @notice A worker claims a range of units, lays down stake, runs them and commits to one root over all their traces. Only then an auditor
///         is drawn and told which units to run again; he commits blind, before the work is shown. Pay is held for a window in which
///         anybody can dispute it (IClaimDisputes).
/// @dev   claim → commit → (drawDelay blocks) drawAudit → commitAudit → reveal → revealAudit → (holdWindow) finalize
///        Every step but the parties' own can be made by anybody, every state has an exit by a deadline, and nothing can be paused.
///        root: MemberTree over the claim's units; the member at place i is the trace root of unit first + i. In an auditor's root the
///        places of units that are not audited hold 0. A unit is audited when
///        uint256(keccak256(abi.encode(bytes32(seed), uint256(unit)))) % 10000 < bps.
///        commitments: keccak256(abi.encode(tag, block.chainid, address(this), claim, account, classId, root, salt)) with the tags
///        bytes32("thenar.work/1") and bytes32("thenar.audit/1"), so that a copied one opens nothing.
interface IWorkClaims {
    /// @notice A worker has until `commitBy` to commit to these units.
    event UnitsClaimed(
        ClaimId indexed claim,
        BountyId indexed bounty,
        address indexed worker,
        uint32 first,
        uint16 count,
        uint40 commitBy
    );
    /// @notice A worker committed to the work.
    event WorkCommitted(ClaimId indexed claim, bytes32 commitment, uint40 drawBlock);
    /// @notice The audit is drawn by the hash of this block: after a commitment's own was too long ago, an auditor stayed away, or the
    ///         worker was convicted of something (`retro`).
    event AuditArmed(ClaimId indexed claim, uint40 drawBlock, bool retro);
    /// @notice An auditor was drawn, who has until `by` to commit; the zero address when none is needed or none was found, and then the
    ///         worker has until `by` to reveal.
    event AuditDrawn(ClaimId indexed claim, address indexed auditor, bytes32 seed, uint16 bps, uint40 by);
    /// @notice The auditor committed; the worker has until `revealBy` to reveal, unless he already has.
    event AuditCommitted(ClaimId indexed claim, address indexed auditor, bytes32 commitment, uint40 revealBy);
    /// @notice The work can be looked at: `outputs` is the SHA-256 digest, and CID, of what describes it.
    event WorkRevealed(ClaimId indexed claim, bytes32 root, bytes32 outputs, uint40 heldUntil);
    /// @notice What the auditor says, and the trace he had for the place he was asked to show.
    event AuditRevealed(ClaimId indexed claim, address indexed auditor, bytes32 root, uint16 place, bytes32 trace);
    /// @notice An auditor stayed away, in the first or the second half of his duty; `fine` went to the requester.
    event AuditMissed(ClaimId indexed claim, address indexed auditor, uint96 fine);
    /// @notice A claim was paid: `paid` to the worker, `auditPaid` to the auditor.
    event ClaimFinalized(ClaimId indexed claim, address indexed worker, uint256 paid, uint256 auditPaid);
    /// @notice A worker was late; `penalty` of the stake is lost and the units are open again.
    event ClaimExpired(ClaimId indexed claim, address indexed worker, uint256 penalty);
    /// @notice A claim is in dispute, or one of its places was asked for: it is not paid meanwhile.
    event ClaimHeld(ClaimId indexed claim, bool disputed, uint16 demands);
    /// @notice A dispute or demand is over and the claim stands, held until this time.
    event ClaimUpheld(ClaimId indexed claim, uint40 heldUntil, uint16 demands);
    /// @notice A claim was wrong; all its stake is lost and the units are open again.
    event ClaimSlashed(ClaimId indexed claim, address indexed worker, uint256 seized);
    /// @notice Nobody could say whether a claim was right: nobody loses, nobody is paid, the units are open again.
    event ClaimVoided(ClaimId indexed claim, address indexed worker);
    /// @notice Machines of one class did not agree about a claim.
    event ClassSuspect(bytes32 indexed classId, ClaimId indexed claim);

    error WorkClaims_BadCount(uint256 count, uint256 most);
    error WorkClaims_NotEnlisted(address worker, bytes32 classId);
    error WorkClaims_WrongStage(ClaimId claim, uint8 stage);
    error WorkClaims_WrongAudit(ClaimId claim, uint8 audit);
    error WorkClaims_NotWorker(ClaimId claim, address caller);
    error WorkClaims_NotAuditor(ClaimId claim, address caller);
    error WorkClaims_NoCommitment();
    error WorkClaims_WrongOpening(bytes32 expected, bytes32 given);
    error WorkClaims_NotMember(bytes32 root, uint256 place);
    error WorkClaims_TooEarly(uint256 since);
    error WorkClaims_TooLate(uint256 until);
    error WorkClaims_Demanded(ClaimId claim, uint16 demands);
    error WorkClaims_NeedsReaudit(ClaimId claim);
    error WorkClaims_NoReaudit(ClaimId claim);
    error WorkClaims_NotDisputes(address caller);

    /* WORK */

    /// @notice Claims up to `count` units for the caller, who must be enlisted in the class, and binds his stake.
    /// @dev Units given back come first; the range is contiguous and may be shorter than asked for.
    function claim(BountyId bounty, uint16 count) external returns (ClaimId claimId);

    /// @notice Commits to the work of a claim, before its deadline. The worker only.
    function commit(ClaimId claimId, bytes32 commitment) external;

    /// @notice Shows what was committed to, once the auditor has committed or none is needed. The worker only.
    /// @param outputs SHA-256 digest of the canonical `thenar.work/1` description, which is its CID
    function reveal(ClaimId claimId, bytes32 root, bytes32 salt, bytes32 outputs) external;

    /* AUDITS */

    /// @notice Draws who audits a claim, and which of its units. Anyone, once the deciding block is there; a later call changes nothing
    ///         about who is drawn, because only that block's hash and seats older than the commitment decide.
    /// @dev When that block is more than 256 blocks ago, arms a new one instead.
    function drawAudit(ClaimId claimId) external;

    /// @notice Commits to an audit, blind, before `auditBy`. The drawn auditor only.
    function commitAudit(ClaimId claimId, bytes32 commitment) external;

    /// @notice Shows an audit, after the work was shown and before `auditBy`. The auditor only. One of every unit that found the same
    ///         counts for the worker's record at once.
    /// @dev Opens the member at the place named by `spotOf`, which nobody knew when the audit was committed; it may not be 0. Whoever
    ///      ran nothing has nothing to show, and what he makes up differs from the claim's member and costs him his seat.
    function revealAudit(ClaimId claimId, bytes32 root, bytes32 salt, bytes32 trace, bytes32[] calldata path) external;

    /// @notice Fines an auditor who did not commit in time, and arms another draw; after the third the claim goes on unaudited. Anyone.
    function redraw(ClaimId claimId) external;

    /// @notice Arms one audit of all units of a revealed claim whose worker was convicted of something after he committed to it, and
    ///         which was not audited in full before. It cannot be finalised without. Anyone, while no place is demanded.
    function reaudit(ClaimId claimId) external;

    /* WAYS OUT */

    /// @notice Pays a claim whose window has passed: worker and auditor, and what of it counts for a record and did not yet. Anyone.
    function finalize(ClaimId claimId) external;

    /// @notice Ends a claim whose worker did not commit or reveal in time. Anyone. A tenth of the stake goes to the requester; once an auditor
    ///         has committed all of it is lost, half to him and half to the requester, and it counts as a fault.
    /// @dev Whoever hides what was drawn for audit must not come off better than whoever is convicted.
    function expire(ClaimId claimId) external;

    /* DISPUTES: IClaimDisputes only */

    /// @notice Stops a claim's clock while it is in dispute.
    function hold(ClaimId claimId) external;

    /// @notice The claim was right, and goes on with the time it had. `auditorWrong` when it was held against its auditor's word.
    function uphold(ClaimId claimId, bool auditorWrong) external;

    /// @notice The claim was wrong: seizes its stake and moves it to the caller.
    function slash(ClaimId claimId) external returns (uint256 seized);

    /// @notice Nobody could say.
    function annul(ClaimId claimId) external;

    /// @notice A place of a revealed claim was asked for.
    function demanded(ClaimId claimId) external;

    /// @notice It was shown; there are at least `window` seconds to look at it.
    function shown(ClaimId claimId, uint40 window) external;

    /* VIEWS */

    function claimOf(ClaimId claimId) external view returns (WorkClaim memory);

    /// @notice How many claims there are; they are numbered from 1.
    function claimCount() external view returns (uint64);

    /// @notice Whether the unit at a place of a claim is audited, once its auditor is drawn.
    function isAudited(ClaimId claimId, uint16 place) external view returns (bool);

    /// @notice The place whose trace the auditor of a revealed claim has to show; 65,535 when none of its units is audited.
    function spotOf(ClaimId claimId) external view returns (uint16);

    /// @notice How long a claim is held and how long parties have to reveal, in seconds; blocks until a draw.
    function windows() external view returns (uint40 hold, uint40 reveal, uint8 drawDelay);
}
