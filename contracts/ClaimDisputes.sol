// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IClaimDisputes} from "./interfaces/IClaimDisputes.sol";
import {IComputeBounties} from "./interfaces/IComputeBounties.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ICourtClient, ISegmentCourt} from "./interfaces/ISegmentCourt.sol";
import {IWorkClaims} from "./interfaces/IWorkClaims.sol";
import {IWorkerPool} from "./interfaces/IWorkerPool.sol";
import {Courses} from "./libraries/Courses.sol";
import {MemberTree} from "./libraries/MemberTree.sol";
import {AuditStage, Bounty, ClaimId, ClaimStage, Demand, DisputeRecord, Ground, WorkClaim} from "./types/Compute.sol";
import {DisputeId, Opening, Ruling} from "./types/Disputes.sol";

/// @title Disputes about claimed work: see IClaimDisputes.
contract ClaimDisputes is IClaimDisputes {
    using Courses for *;

    bytes32 private constant CANARY = "thenar.canary/1";
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant NOBODY = 0x000000000000000000000000000000000000dEaD;

    ILedger private immutable _ledger;
    IWorkerPool private immutable _pool;
    IComputeBounties private immutable _bounties;
    IWorkClaims private immutable _claims;
    ISegmentCourt private immutable _court;
    uint96 private immutable _demandBond;
    uint96 private immutable _challengeBond;
    uint40 private immutable _showWindow;

    mapping(ClaimId claim => mapping(uint16 place => Demand)) private _demands;
    mapping(DisputeId dispute => DisputeRecord) private _disputes;

    /// @param demandBond pays whoever shows a place for the gas
    /// @param challengeBond of a challenge and, laid down with the bounty, of a canary
    /// @param showWindow seconds to show a place, and to look at it
    constructor(
        ILedger ledger,
        IWorkerPool pool,
        IComputeBounties bounties,
        IWorkClaims claims,
        ISegmentCourt segmentCourt,
        uint96 demandBond,
        uint96 challengeBond,
        uint40 showWindow
    ) {
        _ledger = ledger;
        _pool = pool;
        _bounties = bounties;
        _claims = claims;
        _court = segmentCourt;
        _demandBond = demandBond;
        _challengeBond = challengeBond;
        _showWindow = showWindow;
    }

    /* DEMANDS */

    /// @inheritdoc IClaimDisputes
    function demand(ClaimId claimId, uint16 place) external {
        uint16 count = _claims.claimOf(claimId).course.count;
        if (place >= count) revert ClaimDisputes_NoPlace(place, count);
        if (_demands[claimId][place].by != address(0)) revert ClaimDisputes_AlreadyDemanded(claimId, place);

        uint40 showBy = Courses.fromNow(_showWindow);
        _demands[claimId][place] = Demand(msg.sender, showBy);

        emit PlaceDemanded(claimId, place, msg.sender, _demandBond, showBy);
        _claims.demanded(claimId);
        _ledger.lock(msg.sender, _demandBond);
    }

    /// @inheritdoc IClaimDisputes
    function show(ClaimId claimId, uint16 place, bytes32 trace, bytes32[] calldata path) external {
        Demand storage asked = _asked(claimId, place);
        if (block.timestamp >= asked.showBy) revert ClaimDisputes_TooLate(asked.showBy);
        WorkClaim memory work = _claims.claimOf(claimId);
        _requireMember(work.root, work.course.count, place, trace, path);

        asked.showBy = 0;

        emit PlaceShown(claimId, place, msg.sender, trace, path);
        _claims.shown(claimId, _showWindow);
        _ledger.release(msg.sender, _demandBond);
    }

    /// @inheritdoc IClaimDisputes
    function lapse(ClaimId claimId, uint16 place) external {
        Demand storage asked = _asked(claimId, place);
        WorkClaim memory work = _claims.claimOf(claimId);
        ClaimStage stage = work.course.stage;
        if (stage == ClaimStage.DISPUTED) revert ClaimDisputes_NotRevealed(claimId, uint8(stage));
        bool convicted = stage == ClaimStage.REVEALED; // otherwise it has ended meanwhile
        if (convicted && block.timestamp < asked.showBy) revert ClaimDisputes_TooEarly(asked.showBy);

        asked.showBy = 0;
        address by = asked.by;

        emit DemandLapsed(claimId, place, by, convicted);
        _ledger.release(by, _demandBond);
        if (!convicted) return;
        (uint256 pot, uint256 forAudit) = _convict(claimId, work, place, by);
        _share(by, pot, forAudit, work.auditor, false);
    }

    /* DISPUTES */

    /// @inheritdoc IClaimDisputes
    function disagree(
        ClaimId claimId,
        uint16 place,
        bytes32 claimed,
        bytes32[] calldata pathClaimed,
        bytes32 other,
        bytes32[] calldata pathOther
    ) external returns (DisputeId dispute) {
        WorkClaim memory work = _claims.claimOf(claimId);
        AuditStage audit = work.course.audit;
        if (audit != AuditStage.REVEALED) revert ClaimDisputes_NoAudit(claimId, uint8(audit));
        if (!_claims.isAudited(claimId, place)) revert ClaimDisputes_NotAudited(claimId, place);
        _requireMember(work.root, work.course.count, place, claimed, pathClaimed);
        _requireMember(work.auditRoot, work.course.count, place, other, pathOther);

        DisputeRecord memory record = DisputeRecord(claimId, Ground.AUDIT, place, work.auditor, 0);
        return _open(work, record, claimed, other);
    }

    /// @inheritdoc IClaimDisputes
    function challenge(ClaimId claimId, uint16 place, bytes32 claimed, bytes32[] calldata path, bytes32 other)
        external
        returns (DisputeId dispute)
    {
        WorkClaim memory work = _claims.claimOf(claimId);
        _requireMember(work.root, work.course.count, place, claimed, path);

        DisputeRecord memory record = DisputeRecord(claimId, Ground.CHALLENGE, place, msg.sender, _challengeBond);
        dispute = _open(work, record, claimed, other);
        _ledger.lock(msg.sender, _challengeBond);
    }

    /// @inheritdoc IClaimDisputes
    function openCanary(
        ClaimId claimId,
        uint16 place,
        bytes32 claimed,
        bytes32[] calldata pathClaimed,
        bytes32 answer,
        bytes32 salt,
        bytes32[] calldata pathAnswer
    ) external returns (DisputeId dispute) {
        WorkClaim memory work = _claims.claimOf(claimId);
        _requireMember(work.root, work.course.count, place, claimed, pathClaimed);
        {
            Bounty memory bounty = _bounties.bountyOf(work.bounty);
            if (msg.sender != bounty.requester) revert ClaimDisputes_NotRequester(claimId, msg.sender);
            uint256 unit = uint256(work.first) + place;
            bytes32 hidden = keccak256(abi.encode(CANARY, unit, answer, salt));
            _requireMember(bounty.canaryRoot, bounty.units, unit, hidden, pathAnswer);
        }

        uint96 bond = uint96(_bounties.moveCanaryBond(work.bounty, true));
        return _open(work, DisputeRecord(claimId, Ground.CANARY, place, msg.sender, bond), claimed, answer);
    }

    /// @inheritdoc ICourtClient
    function resolve(DisputeId dispute, Ruling ruling, bool judged) external returns (uint96 fees) {
        if (msg.sender != address(_court)) revert ClaimDisputes_NotCourt(msg.sender);
        DisputeRecord memory record = _disputes[dispute];
        if (record.ground == Ground.NONE) revert ClaimDisputes_Unknown(dispute);
        WorkClaim memory work = _claims.claimOf(record.claim);

        _disputes[dispute].ground = Ground.NONE;

        uint256 pot;
        uint256 forAudit;
        if (ruling == Ruling.CLAIM) {
            pot = _acquit(record, work);
            return _settle(dispute, record, ruling, [pot, 0], work, judged);
        }
        if (ruling == Ruling.OTHER) (pot, forAudit) = _convict(record.claim, work, record.place, record.opponent);
        else _claims.annul(record.claim);
        _returnBond(record, work);
        return _settle(dispute, record, ruling, [pot, forAudit], work, judged);
    }

    /* VIEWS */

    /// @inheritdoc IClaimDisputes
    function demandOf(ClaimId claimId, uint16 place) external view returns (Demand memory) {
        return _demands[claimId][place];
    }

    /// @inheritdoc IClaimDisputes
    function disputeOf(DisputeId dispute) external view returns (DisputeRecord memory) {
        return _disputes[dispute];
    }

    /// @inheritdoc IClaimDisputes
    function terms() external view returns (uint96, uint96, uint40) {
        return (_demandBond, _challengeBond, _showWindow);
    }

    /* PRIVATE */

    function _asked(ClaimId claimId, uint16 place) private view returns (Demand storage asked) {
        asked = _demands[claimId][place];
        if (asked.showBy == 0) revert ClaimDisputes_NotDemanded(claimId, place);
    }

    function _requireMember(bytes32 root, uint256 count, uint256 place, bytes32 member, bytes32[] calldata path) private pure {
        if (!MemberTree.contains(root, count, place, member, path)) revert ClaimDisputes_NotMember(root, place);
    }

    /// @dev Brings two traces before the court and stops the claim's clock.
    function _open(WorkClaim memory work, DisputeRecord memory record, bytes32 claimed, bytes32 other)
        private
        returns (DisputeId dispute)
    {
        if (claimed == other) revert ClaimDisputes_SameTrace(claimed);
        Bounty memory bounty = _bounties.bountyOf(work.bounty);
        Opening memory opening = Opening({
            classId: bounty.classId,
            spec: bounty.spec,
            unit: uint64(work.first) + record.place,
            segments: bounty.segments,
            claimRoot: claimed,
            otherRoot: other,
            claimant: work.worker,
            other: record.opponent,
            requester: bounty.requester
        });

        _claims.hold(record.claim);
        dispute = _court.open(opening);
        _disputes[dispute] = record;

        emit ClaimDisputed(
            dispute, record.claim, record.opponent, uint8(record.ground), record.place, claimed, other, record.bond
        );
    }

    /// @dev The claim was right. Returns what its opponent loses.
    function _acquit(DisputeRecord memory record, WorkClaim memory work) private returns (uint256 pot) {
        bool audited = record.ground == Ground.AUDIT;
        _claims.uphold(record.claim, audited);
        return audited ? _blame(record.opponent, _bounties.termsOf(work.bounty).classId) : record.bond;
    }

    /// @dev The claim was wrong. Returns what it loses, and what of that an auditor has who was not asked about the place.
    function _convict(ClaimId claimId, WorkClaim memory work, uint16 place, address opponent)
        private
        returns (uint256 pot, uint256 forAudit)
    {
        Bounty memory bounty = _bounties.bountyOf(work.bounty);
        bool audited = _claims.isAudited(claimId, place);
        pot = _claims.slash(claimId);
        _pool.fault(work.worker, bounty.classId);
        if (work.course.audit != AuditStage.REVEALED || work.auditor == opponent) return (pot, 0);
        if (work.auditRoot == work.root) pot += _blame(work.auditor, bounty.classId);
        else if (!audited) forAudit = uint256(bounty.auditPrice) * work.course.auditedUnits();
    }

    /// @dev An auditor was wrong: a seat of his is lost.
    function _blame(address auditor, bytes32 classId) private returns (uint256) {
        _pool.fault(auditor, classId);
        return _pool.unseat(auditor, classId, true);
    }

    function _returnBond(DisputeRecord memory record, WorkClaim memory work) private {
        if (record.ground == Ground.CHALLENGE) {
            _ledger.release(record.opponent, record.bond);
        } else if (record.ground == Ground.CANARY) {
            _ledger.move(address(_bounties), record.bond);
            _bounties.moveCanaryBond(work.bounty, false);
        }
    }

    /// @param sums what the loser loses, and what of it an auditor has
    function _settle(
        DisputeId dispute,
        DisputeRecord memory record,
        Ruling ruling,
        uint256[2] memory sums,
        WorkClaim memory work,
        bool judged
    ) private returns (uint96) {
        address winner = ruling == Ruling.CLAIM ? work.worker : record.opponent;
        (uint256 toWinner, uint256 toJurors, uint256 burnt) = _share(winner, sums[0], sums[1], work.auditor, judged);

        emit DisputeResolved(dispute, record.claim, ruling, toWinner, toJurors, burnt);
        return uint96(toJurors); // a quarter of what fits a uint96
    }

    /// @dev Half to the winner, a quarter to the jurors when there were any, the rest is burnt but for what an auditor has.
    function _share(address winner, uint256 pot, uint256 forAudit, address auditor, bool judged)
        private
        returns (uint256 toWinner, uint256 toJurors, uint256 burnt)
    {
        if (pot == 0) return (0, 0, 0);
        toWinner = pot / 2;
        toJurors = judged ? pot / 4 : 0;
        burnt = pot - toWinner - toJurors;
        uint256 toAuditor = forAudit < burnt ? forAudit : burnt;
        burnt -= toAuditor;
        _ledger.release(winner, toWinner);
        if (toJurors != 0) _ledger.move(address(_court), toJurors);
        if (toAuditor != 0) _ledger.release(auditor, toAuditor);
        if (burnt != 0) _ledger.release(NOBODY, burnt);
    }
}
