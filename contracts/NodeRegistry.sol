// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ILedger} from "./interfaces/ILedger.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {NodeRecord, Roles} from "./types/Nodes.sol";

/// @title Nodes, their libp2p keys, roles and stake.
/// @dev Records are read only after the Ledger was asked for money, so a token that calls back cannot make them stale.
contract NodeRegistry is INodeRegistry, AccessManaged {
    ILedger private immutable _ledger;
    uint40 private immutable _unbondingPeriod;
    uint96 private _minimumStake;
    mapping(address operator => NodeRecord) private _nodes;
    mapping(address binder => bool) private _binders;

    /// @param manager the AccessManager that guards `setMinimumStake`, the only parameter
    /// @param minimumStake_ smallest stake of newcomers, settlement token units
    /// @param unbondingPeriod_ seconds stake takes to leave; fixed for ever
    /// @param binders every contract that may ever bind stake
    constructor(
        ILedger ledger,
        address manager,
        uint96 minimumStake_,
        uint40 unbondingPeriod_,
        address[] memory binders
    ) AccessManaged(manager) {
        _ledger = ledger;
        _unbondingPeriod = unbondingPeriod_;
        _minimumStake = minimumStake_;
        for (uint256 i = 0; i < binders.length; ++i) {
            _binders[binders[i]] = true;
        }

        emit MinimumStakeChanged(minimumStake_);
    }

    /* JOINING */

    /// @inheritdoc INodeRegistry
    function register(bytes32 peerKey, uint16 roles, uint96 stake) external {
        if (peerKey == bytes32(0)) revert NodeRegistry_NoPeerKey();
        if (roles & ~Roles.ALL != 0) revert NodeRegistry_UnknownRole(roles);
        uint256 received = stake == 0 ? 0 : _ledger.collect(msg.sender, stake);

        NodeRecord storage node = _nodes[msg.sender];
        uint96 total = _addTo(node, received);
        node.peerKey = peerKey;
        node.roles = roles;

        emit NodeRegistered(msg.sender, peerKey, roles, total);
    }

    /// @inheritdoc INodeRegistry
    function addStake(uint96 amount) external {
        uint256 received = _ledger.collect(msg.sender, amount);
        NodeRecord storage node = _nodes[msg.sender];
        if (node.peerKey == bytes32(0)) revert NodeRegistry_NotRegistered(msg.sender);

        uint96 total = _addTo(node, received);

        // `total` is a uint96 and not below `received`
        emit StakeAdded(msg.sender, uint96(received), total);
    }

    /* LEAVING */

    /// @inheritdoc INodeRegistry
    function unbond(uint96 amount) external {
        NodeRecord storage node = _nodes[msg.sender];
        if (node.peerKey == bytes32(0)) revert NodeRegistry_NotRegistered(msg.sender);
        uint96 stake = node.stake;
        if (amount > stake) revert NodeRegistry_NotEnough(stake, amount);
        uint96 stays = stake - amount;
        uint96 bound = node.bound;
        if (stays < bound) revert NodeRegistry_Bound(stake - bound, amount);
        if (stays != 0 && stays < _minimumStake) revert NodeRegistry_StakeTooSmall(stays, _minimumStake);

        uint40 unbondedAt = uint40(block.timestamp) + _unbondingPeriod;
        node.stake = stays;
        node.unbonding += amount;
        node.unbondedAt = unbondedAt;

        emit Unbonding(msg.sender, amount, unbondedAt);
    }

    /// @inheritdoc INodeRegistry
    function withdrawStake() external {
        NodeRecord storage node = _nodes[msg.sender];
        uint96 amount = node.unbonding;
        uint40 unbondedAt = node.unbondedAt;
        if (unbondedAt == 0) revert NodeRegistry_NothingUnbonding(msg.sender);
        if (block.timestamp < unbondedAt) revert NodeRegistry_StillBonded(unbondedAt);

        bool leaves = node.stake == 0;
        node.unbonding = 0;
        node.unbondedAt = 0;
        if (leaves) delete _nodes[msg.sender];

        emit StakeWithdrawn(msg.sender, amount);
        if (leaves) emit NodeLeft(msg.sender);
        _ledger.release(msg.sender, amount);
    }

    /* DUTIES */

    /// @inheritdoc INodeRegistry
    function bind(address operator, uint96 amount) external {
        NodeRecord storage node = _duty(operator);
        if (node.peerKey == bytes32(0)) revert NodeRegistry_NotRegistered(operator);
        uint96 bound = node.bound;
        uint96 free = node.stake - bound; // never negative: what is bound does not leave
        if (amount > free) revert NodeRegistry_Bound(free, amount);

        bound += amount;
        node.bound = bound;

        emit StakeBound(operator, msg.sender, amount, bound);
    }

    /// @inheritdoc INodeRegistry
    function unbind(address operator, uint96 amount) external {
        NodeRecord storage node = _duty(operator);
        uint96 bound = node.bound;
        if (amount > bound) revert NodeRegistry_NotEnough(bound, amount);

        bound -= amount;
        node.bound = bound;

        emit StakeUnbound(operator, msg.sender, amount, bound);
    }

    /// @inheritdoc INodeRegistry
    function seize(address operator, uint96 amount) external {
        NodeRecord storage node = _duty(operator);
        uint96 bound = node.bound;
        if (amount > bound) revert NodeRegistry_NotEnough(bound, amount);

        bound -= amount;
        uint96 stake = node.stake - amount;
        node.bound = bound;
        node.stake = stake;

        emit StakeSeized(operator, msg.sender, amount, stake, bound);
        _ledger.move(msg.sender, amount);
    }

    /* GOVERNANCE */

    /// @inheritdoc INodeRegistry
    function setMinimumStake(uint96 minimumStake_) external restricted {
        _minimumStake = minimumStake_;

        emit MinimumStakeChanged(minimumStake_);
    }

    /* VIEWS */

    /// @inheritdoc INodeRegistry
    function nodeOf(address operator) external view returns (NodeRecord memory) {
        return _nodes[operator];
    }

    /// @inheritdoc INodeRegistry
    function minimumStake() external view returns (uint96) {
        return _minimumStake;
    }

    /// @inheritdoc INodeRegistry
    function unbondingPeriod() external view returns (uint40) {
        return _unbondingPeriod;
    }

    /* PRIVATE */

    /// @dev A record as one of the contracts that bind stake may change it.
    function _duty(address operator) private view returns (NodeRecord storage) {
        if (!_binders[msg.sender]) revert NodeRegistry_NotBinder(msg.sender);
        return _nodes[operator];
    }

    /// @dev A node whose stake is 0 is a newcomer, also when it comes back while the old stake is still leaving.
    function _addTo(NodeRecord storage node, uint256 received) private returns (uint96) {
        uint96 stake = node.stake;
        uint256 total = stake + received;
        if (total > type(uint96).max) revert NodeRegistry_StakeTooBig(total);
        if (stake == 0 && total < _minimumStake) revert NodeRegistry_StakeTooSmall(total, _minimumStake);

        node.stake = uint96(total);
        return uint96(total);
    }
}
