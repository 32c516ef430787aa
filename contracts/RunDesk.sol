// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {IRunDesk} from "./interfaces/IRunDesk.sol";
import {AssetKind} from "./types/Assets.sol";
import {AssetId} from "./types/Ids.sol";
import {Program, Run, RunId, RunLimits, RunStage} from "./types/Runs.sol";
import {Purposes} from "./types/Terms.sol";

/// @title Programs that come to the data: see IRunDesk.
contract RunDesk is IRunDesk {
    /// @dev Names this contract's payments in the RevenueGraph's `Paid` events.
    bytes32 private constant _REF = "thenar.run/1";
    /// @dev What is burnt lies in the Ledger account of an address nobody has the key of.
    address private constant _NOBODY = 0x000000000000000000000000000000000000dEaD;

    /// @dev Orders of one buyer on his newest day.
    struct Used {
        uint32 day;
        uint32 runs;
    }

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ILicenseDesk private immutable _desk;
    IRevenueGraph private immutable _graph;
    uint40 private immutable _runWindow;
    uint40 private immutable _rejectWindow;

    uint64 private _count;
    mapping(AssetId asset => mapping(bytes32 program => Program)) private _programs;
    mapping(AssetId asset => mapping(bytes32 program => mapping(address buyer => Used))) private _used;
    mapping(RunId run => Run) private _runs;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        ILicenseDesk desk,
        IRevenueGraph graph,
        uint40 runWindow,
        uint40 rejectWindow
    ) {
        _ledger = ledger;
        _registry = registry;
        _desk = desk;
        _graph = graph;
        _runWindow = runWindow;
        _rejectWindow = rejectWindow;
    }

    /* APPROVING */

    /// @inheritdoc IRunDesk
    function approve(AssetId asset, bytes32 program, RunLimits calldata limits) external {
        (address owner, uint32 consentEpoch, AssetKind kind,,) = _registry.saleInfo(asset);
        if (owner != msg.sender) revert RunDesk_NotOwner(asset, msg.sender);
        if (kind == AssetKind.BATCH) revert RunDesk_Batch(asset);
        bool runsAny = limits.fuel != 0 && limits.outputBytes != 0 && limits.parts != 0;
        if (!runsAny || limits.perBuyer == 0 || limits.perDay == 0) revert RunDesk_EmptyLimits();

        Program storage approved = _programs[asset][program];
        (approved.owner, approved.consentEpoch, approved.limits) = (owner, consentEpoch, limits);

        emit ProgramApproved(asset, program, owner, consentEpoch, limits);
    }

    /// @inheritdoc IRunDesk
    function disapprove(AssetId asset, bytes32 program) external {
        Program storage approved = _programs[asset][program];
        if (approved.owner != msg.sender) revert RunDesk_NotOwner(asset, msg.sender);

        approved.owner = address(0);

        emit ProgramDisapproved(asset, program, msg.sender);
    }

    /* RUNNING */

    /// @inheritdoc IRunDesk
    function order(AssetId asset, bytes32 program, uint32 part, uint96 maxPrice, uint256 keyX, uint256 keyY)
        external
        returns (RunId run)
    {
        (Program memory approved, bool stands) = programOf(asset, program);
        if (!stands) revert RunDesk_NotApproved(asset, program);
        RunLimits memory limits = approved.limits;
        if (part >= limits.parts) revert RunDesk_NoPart(part, limits.parts);
        if (limits.price > maxPrice) revert RunDesk_PriceAbove(limits.price, maxPrice);
        uint40 orderedAt = uint40(block.timestamp);
        uint40 deadline = orderedAt + _runWindow;
        _requireAllowed(asset, deadline);

        _spend(asset, program, approved);
        run = RunId.wrap(++_count);
        Run memory made = Run(
            msg.sender, limits.price, asset, program, part, limits.outputBytes, approved.consentEpoch, orderedAt, deadline, RunStage.ORDERED
        );
        _runs[run] = made;

        emit RunOrdered(run, asset, msg.sender, made, keyX, keyY);
        if (made.price != 0) _take(made.price);
    }

    /// @inheritdoc IRunDesk
    function deliver(RunId run, address buyer, bytes32 sealedDigest) external {
        Run memory found = _known(run);
        if (found.stage != RunStage.ORDERED) revert RunDesk_WrongStage(run);
        if (found.buyer != buyer) revert RunDesk_NotBuyer(run, buyer);
        if (block.timestamp > found.deadline) revert RunDesk_TooLate(run, found.deadline);
        if (!_stands(found)) revert RunDesk_Withdrawn(run);
        // what stands was approved by the owner of now
        if (!_approvedBy(msg.sender, found)) revert RunDesk_NotOwner(found.asset, msg.sender);

        uint40 rejectBy = uint40(block.timestamp) + _rejectWindow;
        (_runs[run].stage, _runs[run].deadline) = (RunStage.DELIVERED, rejectBy);

        emit RunDelivered(run, sealedDigest, rejectBy);
    }

    /// @inheritdoc IRunDesk
    function settle(RunId run) external {
        Run memory found = _delivered(run);
        if (msg.sender != found.buyer && block.timestamp <= found.deadline) revert RunDesk_StillRuns(run, found.deadline);

        delete _runs[run];

        emit RunSettled(run, found.price);
        if (found.price == 0) return;
        _ledger.move(address(_graph), found.price);
        _graph.credit(found.asset, found.buyer, found.price, _REF);
    }

    /// @inheritdoc IRunDesk
    function reject(RunId run) external {
        Run memory found = _delivered(run);
        if (msg.sender != found.buyer) revert RunDesk_NotBuyer(run, msg.sender);
        if (block.timestamp > found.deadline) revert RunDesk_TooLate(run, found.deadline);

        delete _runs[run];

        emit RunRejected(run, found.price);
        if (found.price != 0) _ledger.release(_NOBODY, found.price);
    }

    /// @inheritdoc IRunDesk
    function refund(RunId run) external {
        Run memory found = _known(run);
        if (found.stage != RunStage.ORDERED) revert RunDesk_WrongStage(run);
        bool due = block.timestamp > found.deadline || !_stands(found);
        if (!due && !_approvedBy(msg.sender, found)) revert RunDesk_StillRuns(run, found.deadline);

        delete _runs[run];

        emit RunRefunded(run, found.price);
        if (found.price != 0) _ledger.release(found.buyer, found.price);
    }

    /* VIEWS */

    /// @inheritdoc IRunDesk
    function programOf(AssetId asset, bytes32 program) public view returns (Program memory approved, bool stands) {
        approved = _programs[asset][program];
        if (approved.owner == address(0)) return (approved, false);
        (address owner, uint32 consentEpoch,,,) = _registry.saleInfo(asset);
        stands = approved.owner == owner && approved.consentEpoch == consentEpoch;
    }

    /// @inheritdoc IRunDesk
    function usedToday(AssetId asset, bytes32 program, address buyer) external view returns (uint32 all, uint32 own) {
        Program storage approved = _programs[asset][program];
        Used storage used = _used[asset][program][buyer];
        uint32 today = _today();
        return (approved.day == today ? approved.runs : 0, used.day == today ? used.runs : 0);
    }

    /// @inheritdoc IRunDesk
    function runOf(RunId run) external view returns (Run memory) {
        return _known(run);
    }

    /// @inheritdoc IRunDesk
    function count() external view returns (uint64) {
        return _count;
    }

    /// @inheritdoc IRunDesk
    function windows() external view returns (uint40, uint40) {
        return (_runWindow, _rejectWindow);
    }

    /* PRIVATE */

    /// @dev Counts an order of the caller's. The whole day's count bounds what many accounts of one buyer order together.
    function _spend(AssetId asset, bytes32 program, Program memory approved) private {
        RunLimits memory limits = approved.limits;
        Used memory used = _used[asset][program][msg.sender];
        uint32 today = _today();
        uint32 all = approved.day == today ? approved.runs : 0;
        uint32 own = used.day == today ? used.runs : 0;
        if (own >= limits.perBuyer) revert RunDesk_BuyerSpent(msg.sender, limits.perBuyer);
        if (all >= limits.perDay) revert RunDesk_DaySpent(asset, program, limits.perDay);

        (_programs[asset][program].day, _programs[asset][program].runs) = (today, all + 1);
        _used[asset][program][msg.sender] = Used(today, own + 1);
    }

    function _today() private view returns (uint32) {
        return uint32(block.timestamp / 1 days);
    }

    function _known(RunId run) private view returns (Run memory found) {
        found = _runs[run];
        if (found.stage == RunStage.NONE) revert RunDesk_Ended(run);
    }

    function _delivered(RunId run) private view returns (Run memory found) {
        found = _known(run);
        if (found.stage != RunStage.DELIVERED) revert RunDesk_WrongStage(run);
    }

    /// @dev Whether everything a run was ordered under still holds: consent, program and license.
    function _stands(Run memory found) private view returns (bool) {
        (Program memory approved, bool stands) = programOf(found.asset, found.program);
        if (!stands || approved.consentEpoch != found.consentEpoch) return false;
        return _desk.isAllowed(found.asset, found.buyer, Purposes.COMPUTE_ONLY, uint40(block.timestamp));
    }

    function _approvedBy(address who, Run memory found) private view returns (bool) {
        return _programs[found.asset][found.program].owner == who;
    }

    function _requireAllowed(AssetId asset, uint40 at) private view {
        if (!_desk.isAllowed(asset, msg.sender, Purposes.COMPUTE_ONLY, at)) {
            revert RunDesk_NotAllowed(asset, msg.sender, at);
        }
    }

    /// @dev Called last: outside code, the token's, may run in `collect`. What arrives above the amount is the payer's.
    function _take(uint96 amount) private {
        uint256 received = _ledger.collect(msg.sender, amount);
        if (received < amount) revert RunDesk_ShortPaid(received, amount);
        if (received > amount) _ledger.release(msg.sender, received - amount);
    }
}
