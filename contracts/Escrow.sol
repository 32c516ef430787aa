// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {KeyRange} from "./libraries/KeyRange.sol";
import {AssetId} from "./types/Ids.sol";
import {Flow, Stream} from "./types/Licenses.sol";

/// @title Money of licenses that have an end: see IEscrow.
contract Escrow is IEscrow {
    bytes32 private constant _STREAM = "thenar.stream/1";

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ILicenseDesk private immutable _desk;
    address private immutable _exchange;
    IRevenueGraph private immutable _graph;

    mapping(bytes32 id => Flow) private _flows;

    constructor(ILedger ledger, IAssetRegistry registry, ILicenseDesk desk, address exchange, IRevenueGraph graph) {
        _ledger = ledger;
        _registry = registry;
        _desk = desk;
        _exchange = exchange;
        _graph = graph;
    }

    /* MONEY AS TIME PASSES */

    /// @inheritdoc IEscrow
    function start(Stream calldata stream) external returns (bytes32 id) {
        bool source = msg.sender == address(_desk) || msg.sender == _exchange;
        if (!source || stream.source != msg.sender) revert Escrow_NotSource(stream.source, msg.sender);
        if (stream.until <= stream.since) revert Escrow_NoTime(stream.since, stream.until);
        id = idOf(stream);
        if (_flows[id].started) revert Escrow_Exists(id);

        _flows[id].started = true;

        emit StreamStarted(id, stream.asset, stream.licensee, stream);
    }

    /// @inheritdoc IEscrow
    function collect(Stream calldata stream) external returns (uint256 amount) {
        bytes32 id = idOf(stream);
        Flow memory flow = _running(id);
        uint40 ended = endedAt(stream);
        if (ended != 0) revert Escrow_EndedEarly(id, ended);
        uint256 earned = _earned(stream, block.timestamp);
        amount = earned - flow.taken;
        if (amount == 0) revert Escrow_NothingDue(id);

        _flows[id].taken = uint96(earned); // at most the price

        emit StreamCollected(id, amount);
        _pay(stream, id, amount);
    }

    /// @inheritdoc IEscrow
    function refund(Stream calldata stream) external returns (uint256 refunded) {
        bytes32 id = idOf(stream);
        Flow memory flow = _running(id);
        uint40 ended = endedAt(stream);
        if (ended == 0) revert Escrow_StillRuns(id);
        uint256 earned = _earned(stream, ended); // never below what was taken: nothing is collected beyond the end
        uint256 amount = earned - flow.taken;
        refunded = stream.price - earned;

        _flows[id] = Flow({started: true, closed: true, taken: uint96(earned)});

        emit StreamRefunded(id, ended, amount, refunded);
        if (refunded != 0) _ledger.release(stream.licensee, refunded);
        if (amount != 0) _pay(stream, id, amount);
    }

    /* VIEWS */

    /// @inheritdoc IEscrow
    function endedAt(Stream calldata stream) public view returns (uint40 ended) {
        uint40 withdrawn = _registry.withdrawnAt(stream.asset, stream.batch, stream.consentEpoch);
        AssetId licensed = KeyRange.licensed(stream.asset, stream.range);
        (uint40 granted, uint40 sold) = _desk.endedAt(licensed, stream.licensee, stream.boughtAt);
        ended = stream.source == _exchange ? sold : granted;
        if (withdrawn != 0 && (ended == 0 || withdrawn < ended)) ended = withdrawn;
        if (ended >= stream.until) ended = 0; // its time was over by then
    }

    /// @inheritdoc IEscrow
    function dueOf(Stream calldata stream) external view returns (uint256) {
        uint40 ended = endedAt(stream);
        return _earned(stream, ended == 0 ? block.timestamp : ended) - _running(idOf(stream)).taken;
    }

    /// @inheritdoc IEscrow
    function idOf(Stream calldata stream) public view returns (bytes32) {
        return keccak256(abi.encode(_STREAM, block.chainid, address(this), stream));
    }

    /// @inheritdoc IEscrow
    function flowOf(bytes32 id) external view returns (Flow memory) {
        return _flows[id];
    }

    /* PRIVATE */

    function _running(bytes32 id) private view returns (Flow memory flow) {
        flow = _flows[id];
        if (!flow.started || flow.closed) revert Escrow_NotRunning(id);
    }

    /// @dev Earned by some time, rounded down; the whole price from the end on.
    function _earned(Stream calldata stream, uint256 at) private pure returns (uint256) {
        if (at <= stream.since) return 0;
        if (at >= stream.until) return stream.price;
        return uint256(stream.price) * (at - stream.since) / (stream.until - stream.since);
    }

    /// @dev Called last. A derived asset's money goes to its node, like all its income.
    function _pay(Stream calldata stream, bytes32 id, uint256 amount) private {
        if (!stream.derived) return _ledger.release(stream.seller, amount);
        _ledger.move(address(_graph), amount);
        _graph.credit(stream.asset, stream.licensee, amount, id);
    }
}
