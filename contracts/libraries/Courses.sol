// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IWorkClaims} from "../interfaces/IWorkClaims.sol";
import {AuditStage, ClaimId, ClaimStage, Course, WorkClaim} from "../types/Compute.sol";
import {Audits} from "./Audits.sol";

/// @dev Steps of one claim that touch no money. A course is read once, changed in memory and written once.
library Courses {
    function load(WorkClaim storage work) internal view returns (Course memory) {
        return work.course;
    }

    /// @dev As the compiler packs it, in one write instead of three: every step of a claim ends here.
    function save(WorkClaim storage work, Course memory course) internal {
        uint256 word = uint256(course.stage) | uint256(course.audit) << 8 | uint256(course.count) << 16;
        word |= uint256(course.bps) << 32 | uint256(course.draws) << 48 | uint256(course.retro ? 1 : 0) << 56;
        word |= uint256(course.committedAt) << 64 | uint256(course.deadline) << 104 | uint256(course.drawBlock) << 144;
        word |= uint256(course.auditBy) << 184 | uint256(course.demands) << 224 | uint256(course.auditsPaid) << 240;
        Course storage kept = work.course;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(kept.slot, word)
        }
    }

    function requireStage(Course memory course, ClaimId claimId, ClaimStage stage) internal pure {
        if (course.stage != stage) revert IWorkClaims.WorkClaims_WrongStage(claimId, uint8(course.stage));
    }

    function requireAudit(Course memory course, ClaimId claimId, AuditStage audit) internal pure {
        if (course.audit != audit) revert IWorkClaims.WorkClaims_WrongAudit(claimId, uint8(course.audit));
    }

    function requireBefore(uint40 until) internal view {
        if (block.timestamp >= until) revert IWorkClaims.WorkClaims_TooLate(until);
    }

    function requireSince(uint40 since) internal view {
        if (block.timestamp < since) revert IWorkClaims.WorkClaims_TooEarly(since);
    }

    function fromNow(uint40 window) internal view returns (uint40) {
        return uint40(block.timestamp) + window;
    }

    /// @dev The work is there to be looked at from now on.
    function heldFromNow(Course memory course, uint40 holdWindow, uint40 revealWindow) internal view {
        course.stage = ClaimStage.REVEALED;
        course.deadline = fromNow(holdWindow);
        course.auditBy = fromNow(revealWindow);
    }

    /// @dev Goes on without an auditor: the worker may reveal, or has already.
    function waive(Course memory course, uint40 holdWindow, uint40 revealWindow) internal view {
        course.audit = AuditStage.WAIVED;
        if (course.retro) return heldFromNow(course, holdWindow, revealWindow);
        course.stage = ClaimStage.DRAWN;
        course.deadline = fromNow(revealWindow);
    }

    /// @dev From now on the auditor's time runs.
    function ask(WorkClaim storage work, Course memory course, address auditor, bytes12 seed, uint40 window)
        internal
        returns (uint40 by)
    {
        by = fromNow(window);
        (course.stage, course.audit, course.auditBy) = (ClaimStage.DRAWN, AuditStage.DRAWN, by);
        ++course.draws;
        (work.auditor, work.seed) = (auditor, seed);
    }

    /// @dev Whether an auditor committed and showed nothing in time, for which he is fined.
    function settleAudit(Course memory course) internal view returns (bool absent) {
        absent = course.audit == AuditStage.COMMITTED;
        if (!absent) return absent;
        requireSince(course.auditBy);
        course.audit = AuditStage.FAILED;
    }

    /// @dev Whether the drawn auditor runs the unit at a place.
    function isAudited(WorkClaim storage work, uint256 place) internal view returns (bool) {
        Course memory course = load(work);
        bool drawn = course.audit != AuditStage.NONE && course.audit != AuditStage.WAIVED;
        return drawn && place < course.count && Audits.isAudited(work.seed, work.first + place, course.bps);
    }

    /// @dev Whether an auditor ran every unit and found the same. Such a claim counts for the worker's record at once.
    function agreed(WorkClaim storage work, Course memory course) internal view returns (bool) {
        return course.audit == AuditStage.REVEALED && course.bps == Audits.ALL && work.auditRoot == work.root;
    }

    /// @dev The place the auditor has to show: nobody knew it while the root was hidden.
    function spot(WorkClaim storage work, Course memory course) internal view returns (uint16) {
        bytes12 seed = work.seed;
        if (seed == Audits.UNDRAWN) return Audits.NOWHERE;
        uint256 start = uint256(keccak256(abi.encode(bytes32(seed), work.root))) % course.count;
        return Audits.placeFrom(seed, work.first, course.count, course.bps, start);
    }

    /// @dev Waits for a new block to draw by.
    function arm(Course memory course, ClaimId claimId, uint8 drawDelay) internal {
        course.stage = ClaimStage.COMMITTED;
        course.audit = AuditStage.NONE;
        course.drawBlock = uint40(block.number) + drawDelay;

        emit IWorkClaims.AuditArmed(claimId, course.drawBlock, course.retro);
    }

    /// @dev For how many units the auditor is paid now, after what an earlier one was.
    function auditedUnits(Course memory course) internal pure returns (uint16) {
        if (course.audit != AuditStage.REVEALED) return 0;
        return uint16(Audits.paidUnits(course.count, course.bps)) - course.auditsPaid;
    }

    /// @dev Stops the clock: until the dispute is over `deadline` says how many seconds were left.
    function hold(WorkClaim storage work, ClaimId claimId) internal {
        Course memory course = load(work);
        requireStage(course, claimId, ClaimStage.REVEALED);
        requireBefore(course.deadline);

        course.stage = ClaimStage.DISPUTED;
        course.deadline -= uint40(block.timestamp);
        save(work, course);

        emit IWorkClaims.ClaimHeld(claimId, true, course.demands);
    }

    function uphold(WorkClaim storage work, ClaimId claimId, bool auditorWrong) internal {
        Course memory course = load(work);
        requireStage(course, claimId, ClaimStage.DISPUTED);

        course.stage = ClaimStage.REVEALED;
        course.deadline = fromNow(course.deadline);
        if (auditorWrong) course.audit = AuditStage.FAILED;
        save(work, course);

        emit IWorkClaims.ClaimUpheld(claimId, course.deadline, course.demands);
    }

    /// @dev Demands are taken in the first `window` seconds after `auditBy`, whatever happens to the deadline.
    function demanded(WorkClaim storage work, ClaimId claimId, uint40 window) internal {
        Course memory course = load(work);
        requireStage(course, claimId, ClaimStage.REVEALED);
        requireBefore(course.auditBy + window);

        ++course.demands;
        save(work, course);

        emit IWorkClaims.ClaimHeld(claimId, false, course.demands);
    }

    /// @dev A claim that is in dispute or has ended meanwhile only has more time to go.
    function shown(WorkClaim storage work, ClaimId claimId, uint40 window) internal {
        Course memory course = load(work);

        --course.demands;
        uint40 least = course.stage == ClaimStage.REVEALED ? fromNow(window) : window;
        if (course.deadline < least) course.deadline = least;
        save(work, course);

        emit IWorkClaims.ClaimUpheld(claimId, course.deadline, course.demands);
    }
}
