// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IComputeBounties} from "./interfaces/IComputeBounties.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {Jobs} from "./libraries/Jobs.sol";
import {Bounty, BountyId, Job, Progress, Range, Terms} from "./types/Compute.sol";

/// @title Bounties for work on strangers' machines: see IComputeBounties.
contract ComputeBounties is IComputeBounties {
    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    IRevenueGraph private immutable _graph;
    address private immutable _claims;
    address private immutable _disputes;
    uint40 private immutable _workLimit;
    uint96 private immutable _canaryBond;

    mapping(BountyId bounty => Bounty) private _bounties;
    mapping(BountyId bounty => mapping(uint256 place => Range)) private _returned; // below `Progress.returned`
    uint64 private _count;

    /// @param workLimit_ seconds of the longest work window
    /// @param challengeBond what a kept with canaries lays down for a wrong one
    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        IRevenueGraph graph,
        address claims,
        address disputes,
        uint40 workLimit_,
        uint96 challengeBond
    ) {
        _ledger = ledger;
        _registry = registry;
        _graph = graph;
        _claims = claims;
        _disputes = disputes;
        _workLimit = workLimit_;
        _canaryBond = challengeBond;
    }

    /* BOUNTIES */

    /// @inheritdoc IComputeBounties
    function createBounty(Job calldata job) external returns (BountyId bounty) {
        Jobs.check(job, _workLimit);
        if (job.inputPrice != 0) _registry.ownerOfAsset(job.input); // reverts for an unknown one
        uint256 budget = Jobs.budget(job);
        if (job.canaryRoot != 0) budget += _canaryBond;

        bounty = BountyId.wrap(++_count);
        Jobs.write(_bounties[bounty], job, msg.sender);

        emit BountyCreated(bounty, msg.sender, job.classId, job, budget);
        if (budget == 0) return bounty;
        uint256 received = _ledger.collect(msg.sender, budget);
        if (received < budget) revert ComputeBounties_ShortPaid(received, budget);
        if (received > budget) _ledger.release(msg.sender, received - budget);
    }

    /// @inheritdoc IComputeBounties
    function cancel(BountyId bounty) external {
        Bounty storage kept = _known(bounty);
        if (kept.requester != msg.sender) revert ComputeBounties_NotRequester(bounty, msg.sender);
        if (kept.cancelled || kept.closed) revert ComputeBounties_Ended(bounty);

        kept.cancelled = true;

        emit BountyCancelled(bounty);
    }

    /// @inheritdoc IComputeBounties
    function closeBounty(BountyId bounty) external {
        Bounty storage kept = _known(bounty);
        Bounty memory found = kept;
        if (found.closed) revert ComputeBounties_Ended(bounty);
        if (found.progress.running != 0) revert ComputeBounties_StillRuns(bounty, found.progress.running);
        bool over = found.cancelled || found.progress.done == found.units;
        if (!over && block.timestamp < found.deadline) revert ComputeBounties_TooEarly(found.deadline);

        (kept.closed, kept.canaryBond) = (true, false);
        uint256 rest = Jobs.unspent(found) + (found.canaryBond ? _canaryBond : 0);

        emit BountyClosed(bounty, found.requester, rest);
        _pay(found.requester, rest);
    }

    /// @inheritdoc IComputeBounties
    function payInput(BountyId bounty) external {
        Bounty storage kept = _known(bounty);
        uint32 units = kept.progress.done - kept.progress.inputs;
        uint256 amount = uint256(units) * kept.inputPrice;
        if (amount == 0) revert ComputeBounties_NothingDue(bounty);

        kept.progress.inputs += units;

        emit InputPaid(bounty, kept.input, units, amount);
        _ledger.move(address(_graph), amount);
        _graph.credit(kept.input, kept.requester, amount, bytes32(uint256(BountyId.unwrap(bounty))));
    }

    /* CLAIMS */

    /// @inheritdoc IComputeBounties
    function take(BountyId bounty, uint16 count) external returns (Terms memory terms, uint32 first, uint16 taken) {
        _requireClaims();
        Bounty storage kept = _known(bounty);
        terms = _termsOf(kept);
        if (kept.cancelled || block.timestamp >= terms.deadline) revert ComputeBounties_Ended(bounty);

        Progress memory progress = kept.progress;
        ++progress.running;
        if (progress.returned == 0) {
            first = progress.fresh;
            uint32 left = kept.units - first;
            if (left == 0) revert ComputeBounties_NothingLeft(bounty);
            taken = left < count ? uint16(left) : count;
            progress.fresh = first + taken;
        } else {
            uint256 last = progress.returned - 1;
            Range memory range = _returned[bounty][last];
            (first, taken) = (range.first, range.count < count ? uint16(range.count) : count);
            if (taken == range.count) progress.returned = uint32(last);
            else _returned[bounty][last] = Range(first + taken, range.count - taken);
        }
        kept.progress = progress;
    }

    /// @inheritdoc IComputeBounties
    function giveBack(BountyId bounty, uint32 first, uint16 count) external {
        _requireClaims();

        Progress storage progress = _bounties[bounty].progress;
        --progress.running;
        _returned[bounty][progress.returned++] = Range(first, count);
    }

    /// @inheritdoc IComputeBounties
    function payWork(BountyId bounty, address worker, uint16 count) external returns (uint256 paid) {
        _requireClaims();
        Bounty storage kept = _bounties[bounty];
        Progress memory progress = kept.progress;

        --progress.running;
        progress.done += count;
        kept.progress = progress;
        paid = uint256(kept.price) * count;

        _pay(worker, paid);
    }

    /// @inheritdoc IComputeBounties
    function payAudit(BountyId bounty, address auditor, uint256 units) external returns (uint256 paid) {
        _requireClaims();
        Bounty storage kept = _bounties[bounty];
        uint256 left = kept.units - kept.progress.audited;
        if (units > left) units = left;

        kept.progress.audited += uint32(units); // at most `left`
        paid = kept.auditPrice * units;

        _pay(auditor, paid);
    }

    /* DISPUTES */

    /// @inheritdoc IComputeBounties
    function moveCanaryBond(BountyId bounty, bool out) external returns (uint256) {
        if (msg.sender != _disputes) revert ComputeBounties_NotDisputes(msg.sender);
        Bounty storage kept = _known(bounty);
        if (kept.canaryBond != out) revert ComputeBounties_NothingDue(bounty);

        kept.canaryBond = !out;

        if (out) _ledger.move(msg.sender, _canaryBond);
        return _canaryBond;
    }

    /* VIEWS */

    /// @inheritdoc IComputeBounties
    function bountyOf(BountyId bounty) external view returns (Bounty memory) {
        return _known(bounty);
    }

    /// @inheritdoc IComputeBounties
    function termsOf(BountyId bounty) external view returns (Terms memory) {
        return _termsOf(_known(bounty));
    }

    /// @inheritdoc IComputeBounties
    function returnedOf(BountyId bounty) external view returns (Range[] memory ranges) {
        ranges = new Range[](_bounties[bounty].progress.returned);
        for (uint256 i = 0; i < ranges.length; ++i) {
            ranges[i] = _returned[bounty][i];
        }
    }

    /// @inheritdoc IComputeBounties
    function bountyCount() external view returns (uint64) {
        return _count;
    }

    /// @inheritdoc IComputeBounties
    function workLimit() external view returns (uint40) {
        return _workLimit;
    }

    /* PRIVATE */

    function _requireClaims() private view {
        if (msg.sender != _claims) revert ComputeBounties_NotClaims(msg.sender);
    }

    function _known(BountyId bounty) private view returns (Bounty storage kept) {
        kept = _bounties[bounty];
        if (kept.requester == address(0)) revert ComputeBounties_Unknown(bounty);
    }

    function _termsOf(Bounty storage kept) private view returns (Terms memory) {
        return Terms({
            classId: kept.classId,
            requester: kept.requester,
            stake: kept.stake,
            deadline: kept.deadline,
            workWindow: kept.workWindow,
            auditBps: kept.auditBps
        });
    }

    function _pay(address to, uint256 amount) private {
        if (amount != 0) _ledger.release(to, amount);
    }
}
