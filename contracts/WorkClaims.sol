// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IComputeBounties} from "./interfaces/IComputeBounties.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IWorkClaims} from "./interfaces/IWorkClaims.sol";
import {IWorkerPool} from "./interfaces/IWorkerPool.sol";
import {Audits} from "./libraries/Audits.sol";
import {Courses} from "./libraries/Courses.sol";
import {MemberTree} from "./libraries/MemberTree.sol";
import {AuditStage, BountyId, ClaimId, ClaimStage, Course, Terms, WorkClaim} from "./types/Compute.sol";

/// @title Claims to units of a bounty: see IWorkClaims.
contract WorkClaims is IWorkClaims {
    using Courses for Course;
    using Courses for WorkClaim;

    uint16 private constant MOST_UNITS = 1_024; // of a claim
    uint8 private constant MOST_DRAWS = 3; // of auditors for a claim
    uint96 private constant LATENESS = 10; // this part of the stake is lost by who commits nothing

    ILedger private immutable _ledger;
    INodeRegistry private immutable _nodes;
    IWorkerPool private immutable _pool;
    IComputeBounties private immutable _bounties;
    address private immutable _disputes;
    uint40 private immutable _holdWindow;
    uint40 private immutable _revealWindow;
    uint8 private immutable _drawDelay;

    mapping(ClaimId claim => WorkClaim) private _claims;
    uint64 private _count;

    /// @param holdWindow seconds pay is held; not shorter than `revealWindow`
    /// @param drawDelay blocks between a commitment and the block whose hash draws its audit
    constructor(
        ILedger ledger,
        INodeRegistry nodes,
        IWorkerPool pool,
        IComputeBounties bounties,
        address disputes,
        uint40 holdWindow,
        uint40 revealWindow,
        uint8 drawDelay
    ) {
        _ledger = ledger;
        _nodes = nodes;
        _pool = pool;
        _bounties = bounties;
        _disputes = disputes;
        _holdWindow = holdWindow;
        _revealWindow = revealWindow;
        _drawDelay = drawDelay;
    }

    /* WORK */

    /// @inheritdoc IWorkClaims
    function claim(BountyId bounty, uint16 count) external returns (ClaimId claimId) {
        if (count == 0 || count > MOST_UNITS) revert WorkClaims_BadCount(count, MOST_UNITS);
        (Terms memory terms, uint32 first, uint16 taken) = _bounties.take(bounty, count);
        if (_pool.memberOf(msg.sender, terms.classId).enlistedAt == 0) {
            revert WorkClaims_NotEnlisted(msg.sender, terms.classId);
        }

        claimId = ClaimId.wrap(++_count);
        WorkClaim storage work = _claims[claimId];
        (work.worker, work.bounty, work.first, work.seed) = (msg.sender, bounty, first, Audits.UNDRAWN);
        Course memory course;
        (course.stage, course.count, course.bps) = (ClaimStage.CLAIMED, taken, terms.auditBps);
        course.deadline = Courses.fromNow(terms.workWindow);
        if (course.deadline > terms.deadline) course.deadline = terms.deadline;
        work.save(course);

        emit UnitsClaimed(claimId, bounty, msg.sender, first, taken, course.deadline);
        _nodes.bind(msg.sender, terms.stake * taken);
    }

    /// @inheritdoc IWorkClaims
    function commit(ClaimId claimId, bytes32 commitment) external {
        (WorkClaim storage work, Course memory course) = _at(claimId, ClaimStage.CLAIMED);
        if (msg.sender != work.worker) revert WorkClaims_NotWorker(claimId, msg.sender);
        Courses.requireBefore(course.deadline);
        if (commitment == 0) revert WorkClaims_NoCommitment();

        (course.stage, course.committedAt) = (ClaimStage.COMMITTED, uint40(block.timestamp));
        course.drawBlock = uint40(block.number) + _drawDelay;
        work.save(course);
        work.root = commitment;

        emit WorkCommitted(claimId, commitment, course.drawBlock);
    }

    /// @inheritdoc IWorkClaims
    function reveal(ClaimId claimId, bytes32 root, bytes32 salt, bytes32 outputs) external {
        (WorkClaim storage work, Course memory course) = _at(claimId, ClaimStage.DRAWN);
        if (msg.sender != work.worker) revert WorkClaims_NotWorker(claimId, msg.sender);
        if (course.audit == AuditStage.DRAWN) revert WorkClaims_WrongAudit(claimId, uint8(course.audit));
        Courses.requireBefore(course.deadline);
        _requireOpens(Audits.WORK, claimId, work, root, salt, work.root);

        course.heldFromNow(_holdWindow, _revealWindow);
        work.save(course);
        work.root = root;

        emit WorkRevealed(claimId, root, outputs, course.deadline);
    }

    /* AUDITS */

    /// @inheritdoc IWorkClaims
    function drawAudit(ClaimId claimId) external {
        (WorkClaim storage work, Course memory course) = _at(claimId, ClaimStage.COMMITTED);
        uint256 at = course.drawBlock;
        if (block.number <= at) revert WorkClaims_TooEarly(at + 1);
        bytes32 drawn = blockhash(at);
        bytes12 seed = bytes12(keccak256(abi.encode(drawn, claimId)));

        if (drawn == 0) {
            course.arm(claimId, _drawDelay);
            return work.save(course);
        }
        Terms memory terms = _bounties.termsOf(work.bounty);
        address auditor = _drawAuditor(work, course, terms, seed);
        uint40 by = auditor == address(0) ? _waive(course) : work.ask(course, auditor, seed, terms.workWindow);
        work.save(course);

        emit AuditDrawn(claimId, auditor, seed, course.bps, by);
    }

    /// @inheritdoc IWorkClaims
    function commitAudit(ClaimId claimId, bytes32 commitment) external {
        (WorkClaim storage work, Course memory course) = _auditing(claimId, AuditStage.DRAWN);
        if (commitment == 0) revert WorkClaims_NoCommitment();

        uint40 revealBy = Courses.fromNow(_revealWindow);
        course.audit = AuditStage.COMMITTED;
        if (course.retro) course.heldFromNow(_holdWindow, _revealWindow);
        else course.deadline = revealBy;
        work.save(course);
        work.auditRoot = commitment;

        emit AuditCommitted(claimId, msg.sender, commitment, revealBy);
    }

    /// @inheritdoc IWorkClaims
    function revealAudit(ClaimId claimId, bytes32 root, bytes32 salt, bytes32 trace, bytes32[] calldata path) external {
        (WorkClaim storage work, Course memory course) = _auditing(claimId, AuditStage.COMMITTED);
        // a dispute that somebody has begun meanwhile takes nothing from the auditor's time
        if (course.stage != ClaimStage.DISPUTED) course.requireStage(claimId, ClaimStage.REVEALED);
        _requireOpens(Audits.AUDIT, claimId, work, root, salt, work.auditRoot);
        uint16 spot = work.spot(course);
        if (trace == 0 || !MemberTree.contains(root, course.count, spot, trace, path)) {
            revert WorkClaims_NotMember(root, spot);
        }

        course.audit = AuditStage.REVEALED;
        work.save(course);
        work.auditRoot = root;

        emit AuditRevealed(claimId, msg.sender, root, spot, trace);
        if (work.agreed(course)) _pool.credit(work.worker, _bounties.termsOf(work.bounty).classId);
    }

    /// @inheritdoc IWorkClaims
    function redraw(ClaimId claimId) external {
        (WorkClaim storage work, Course memory course) = _at(claimId, ClaimStage.DRAWN);
        course.requireAudit(claimId, AuditStage.DRAWN);
        Courses.requireSince(course.auditBy);

        if (course.draws < MOST_DRAWS) course.arm(claimId, _drawDelay);
        else emit AuditDrawn(claimId, address(0), work.seed, course.bps, _waive(course));
        work.save(course);

        _fine(claimId, work.auditor, _bounties.termsOf(work.bounty));
    }

    /// @inheritdoc IWorkClaims
    function reaudit(ClaimId claimId) external {
        (WorkClaim storage work, Course memory course) = _at(claimId, ClaimStage.REVEALED);
        if (course.demands != 0) revert WorkClaims_Demanded(claimId, course.demands);
        Terms memory terms = _bounties.termsOf(work.bounty);
        bool absent = course.settleAudit();
        if (!_needsReaudit(work.worker, course, terms.classId)) revert WorkClaims_NoReaudit(claimId);

        uint16 units = course.auditedUnits();
        (course.retro, course.draws, course.bps, course.auditsPaid) = (true, 0, Audits.ALL, units);
        course.arm(claimId, _drawDelay);
        work.save(course);

        if (absent) _fine(claimId, work.auditor, terms);
        if (units != 0) _bounties.payAudit(work.bounty, work.auditor, units);
    }

    /* WAYS OUT */

    /// @inheritdoc IWorkClaims
    function finalize(ClaimId claimId) external {
        (WorkClaim storage work, Course memory course) = _at(claimId, ClaimStage.REVEALED);
        Courses.requireSince(course.deadline);
        if (course.demands != 0) revert WorkClaims_Demanded(claimId, course.demands);
        (BountyId bountyId, address worker) = (work.bounty, work.worker);
        Terms memory terms = _bounties.termsOf(bountyId);
        bool absent = course.settleAudit();
        if (_needsReaudit(worker, course, terms.classId)) revert WorkClaims_NeedsReaudit(claimId);

        course.stage = ClaimStage.FINALIZED;
        work.save(course);

        _nodes.unbind(worker, terms.stake * course.count);
        if (absent) _fine(claimId, work.auditor, terms);
        uint256 paid = _bounties.payWork(bountyId, worker, course.count);
        uint256 auditPaid;
        if (course.audit == AuditStage.REVEALED) {
            if (!work.agreed(course)) _pool.credit(worker, terms.classId); // otherwise it counts already
            auditPaid = _bounties.payAudit(bountyId, work.auditor, course.auditedUnits());
        }
        emit ClaimFinalized(claimId, worker, paid, auditPaid);
    }

    /// @inheritdoc IWorkClaims
    function expire(ClaimId claimId) external {
        WorkClaim storage work = _claims[claimId];
        Course memory course = work.load();
        bool awaited = course.stage == ClaimStage.DRAWN && course.audit != AuditStage.DRAWN;
        if (!awaited) course.requireStage(claimId, ClaimStage.CLAIMED);
        Courses.requireSince(course.deadline);

        (address worker, Terms memory terms) = _end(work, course, ClaimStage.EXPIRED);
        uint96 bound = terms.stake * course.count;
        // who saw what is audited and shows nothing has something to hide: otherwise a lie that is drawn would cost a tenth
        uint96 toAuditor = course.audit == AuditStage.COMMITTED ? bound / 2 : 0;
        uint96 penalty = toAuditor == 0 ? bound / LATENESS : bound;

        emit ClaimExpired(claimId, worker, penalty);
        if (penalty != 0) _nodes.seize(worker, penalty);
        _nodes.unbind(worker, bound - penalty);
        if (course.audit == AuditStage.COMMITTED) _pool.fault(worker, terms.classId);
        if (toAuditor != 0) _ledger.release(work.auditor, toAuditor);
        if (penalty != toAuditor) _ledger.release(terms.requester, penalty - toAuditor);
    }

    /* DISPUTES */

    /// @inheritdoc IWorkClaims
    function hold(ClaimId claimId) external {
        _disputed(claimId).hold(claimId);
    }

    /// @inheritdoc IWorkClaims
    function uphold(ClaimId claimId, bool auditorWrong) external {
        _disputed(claimId).uphold(claimId, auditorWrong);
    }

    /// @inheritdoc IWorkClaims
    function slash(ClaimId claimId) external returns (uint256) {
        WorkClaim storage work = _disputed(claimId);
        Course memory course = work.load();
        if (course.stage != ClaimStage.DISPUTED) course.requireStage(claimId, ClaimStage.REVEALED);

        (address worker, Terms memory terms) = _end(work, course, ClaimStage.SLASHED);
        uint96 bound = terms.stake * course.count;

        emit ClaimSlashed(claimId, worker, bound);
        _nodes.seize(worker, bound);
        _ledger.move(msg.sender, bound);
        return bound;
    }

    /// @inheritdoc IWorkClaims
    function annul(ClaimId claimId) external {
        WorkClaim storage work = _disputed(claimId);
        Course memory course = work.load();
        course.requireStage(claimId, ClaimStage.DISPUTED);

        (address worker, Terms memory terms) = _end(work, course, ClaimStage.VOIDED);

        emit ClaimVoided(claimId, worker);
        emit ClassSuspect(terms.classId, claimId);
        _nodes.unbind(worker, terms.stake * course.count);
    }

    /// @inheritdoc IWorkClaims
    function demanded(ClaimId claimId) external {
        _disputed(claimId).demanded(claimId, _holdWindow - _revealWindow);
    }

    /// @inheritdoc IWorkClaims
    function shown(ClaimId claimId, uint40 window) external {
        _disputed(claimId).shown(claimId, window);
    }

    /* VIEWS */

    /// @inheritdoc IWorkClaims
    function claimOf(ClaimId claimId) external view returns (WorkClaim memory) {
        return _claims[claimId];
    }

    /// @inheritdoc IWorkClaims
    function claimCount() external view returns (uint64) {
        return _count;
    }

    /// @inheritdoc IWorkClaims
    function isAudited(ClaimId claimId, uint16 place) external view returns (bool) {
        return _claims[claimId].isAudited(place);
    }

    /// @inheritdoc IWorkClaims
    function spotOf(ClaimId claimId) external view returns (uint16) {
        WorkClaim storage work = _claims[claimId];
        return work.spot(work.load());
    }

    /// @inheritdoc IWorkClaims
    function windows() external view returns (uint40, uint40, uint8) {
        return (_holdWindow, _revealWindow, _drawDelay);
    }

    /* PRIVATE */

    function _at(ClaimId claimId, ClaimStage stage) private view returns (WorkClaim storage work, Course memory course) {
        work = _claims[claimId];
        course = work.load();
        course.requireStage(claimId, stage);
    }

    /// @dev A claim whose auditor is the caller and in time.
    function _auditing(ClaimId claimId, AuditStage audit) private view returns (WorkClaim storage work, Course memory course) {
        work = _claims[claimId];
        course = work.load();
        course.requireAudit(claimId, audit);
        if (msg.sender != work.auditor) revert WorkClaims_NotAuditor(claimId, msg.sender);
        Courses.requireBefore(course.auditBy);
    }

    function _disputed(ClaimId claimId) private view returns (WorkClaim storage) {
        if (msg.sender != _disputes) revert WorkClaims_NotDisputes(msg.sender);
        return _claims[claimId];
    }

    /// @dev Root and salt must be what the caller committed to.
    function _requireOpens(
        bytes32 tag,
        ClaimId claimId,
        WorkClaim storage work,
        bytes32 root,
        bytes32 salt,
        bytes32 kept
    ) private view {
        bytes32 classId = _bounties.termsOf(work.bounty).classId;
        bytes32 given = Audits.commitment(tag, claimId, msg.sender, classId, root, salt);
        if (given != kept) revert WorkClaims_WrongOpening(kept, given);
    }

    /// @dev Sets the audited part and draws somebody of the class; nobody when the seed names no unit or there is nobody.
    function _drawAuditor(WorkClaim storage work, Course memory course, Terms memory terms, bytes12 seed)
        private
        view
        returns (address auditor)
    {
        (auditor, course.bps) = _pool.drawAuditor(
            terms.classId, bytes32(seed), work.worker, terms.requester, course.bps, course.committedAt
        );
        if (Audits.placeFrom(seed, work.first, course.count, course.bps, 0) == Audits.NOWHERE) return address(0);
    }

    function _waive(Course memory course) private view returns (uint40) {
        course.waive(_holdWindow, _revealWindow);
        return course.deadline;
    }

    function _fine(ClaimId claimId, address auditor, Terms memory terms) private {
        uint96 fine = _pool.unseat(auditor, terms.classId, false);

        emit AuditMissed(claimId, auditor, fine);
        if (fine != 0) _ledger.release(terms.requester, fine);
    }

    /// @dev The worker was found wrong after he committed to this, and nobody has looked at all of it.
    function _needsReaudit(address worker, Course memory course, bytes32 classId) private view returns (bool) {
        if (course.retro || (course.bps == Audits.ALL && course.audit == AuditStage.REVEALED)) return false;
        return _pool.memberOf(worker, classId).convictedAt >= course.committedAt;
    }

    /// @dev Ends a claim without pay: its units are open again, and it counts for no record.
    function _end(WorkClaim storage work, Course memory course, ClaimStage stage)
        private
        returns (address worker, Terms memory terms)
    {
        course.stage = stage;
        work.save(course);
        BountyId bountyId = work.bounty;
        _bounties.giveBack(bountyId, work.first, course.count);
        (worker, terms) = (work.worker, _bounties.termsOf(bountyId));
        if (work.agreed(course)) _pool.discredit(worker, terms.classId);
    }
}
