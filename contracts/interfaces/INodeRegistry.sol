// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {NodeRecord} from "../types/Nodes.sol";

/// @title Nodes, their libp2p keys, roles and stake.
/// @notice One node per operator account. The link to a libp2p key counts only when the peer also names the operator in what it
///         signs, so writing down somebody else's key gains nothing.
/// @dev Unbonding lasts longer than the longest open window. Leaving cannot be paused.
///      Stake can be bound to duties by the contracts named at deployment. What is bound stays until it is released or seized, and only
///      what is bound can be seized: stake that is bound cannot start to leave, and stake that leaves cannot be bound.
interface INodeRegistry {
    /// @notice A node joined, or changed its key or roles.
    event NodeRegistered(address indexed operator, bytes32 indexed peerKey, uint16 roles, uint96 stake);
    /// @notice Stake was added.
    event StakeAdded(address indexed operator, uint96 amount, uint96 stake);
    /// @notice Stake began to leave.
    event Unbonding(address indexed operator, uint96 amount, uint40 unbondedAt);
    /// @notice Stake left to the operator's account in the Ledger.
    event StakeWithdrawn(address indexed operator, uint96 amount);
    /// @notice A node left altogether.
    event NodeLeft(address indexed operator);
    /// @notice Stake answers for a duty. `bound` is all that is bound now.
    event StakeBound(address indexed operator, address indexed binder, uint96 amount, uint96 bound);
    /// @notice Stake is free again.
    event StakeUnbound(address indexed operator, address indexed binder, uint96 amount, uint96 bound);
    /// @notice Bound stake was lost, to the lock of the contract that seized it.
    event StakeSeized(address indexed operator, address indexed binder, uint96 amount, uint96 stake, uint96 bound);
    /// @notice Governance changed the smallest stake of newcomers.
    event MinimumStakeChanged(uint96 minimumStake);

    error NodeRegistry_NoPeerKey();
    error NodeRegistry_UnknownRole(uint16 roles);
    error NodeRegistry_NotRegistered(address operator);
    error NodeRegistry_StakeTooSmall(uint256 stake, uint256 minimum);
    error NodeRegistry_StakeTooBig(uint256 stake);
    error NodeRegistry_NotEnough(uint96 stake, uint96 wanted);
    error NodeRegistry_Bound(uint96 free, uint96 wanted);
    error NodeRegistry_NotBinder(address caller);
    error NodeRegistry_StillBonded(uint40 until);
    error NodeRegistry_NothingUnbonding(address operator);

    /// @notice Registers the caller's node or changes its key and roles, adding `stake` tokens from the caller's wallet.
    /// @param peerKey raw 32-byte Ed25519 key of the libp2p identity
    function register(bytes32 peerKey, uint16 roles, uint96 stake) external;

    /// @notice Adds stake from the caller's wallet.
    function addStake(uint96 amount) external;

    /// @notice Starts to take out stake; starting again adds to the amount and restarts the clock. What stays must reach the minimum or be 0,
    ///         and cover what is bound.
    function unbond(uint96 amount) external;

    /// @notice Moves unbonded stake to the caller's Ledger account; the node is gone when nothing is left.
    function withdrawStake() external;

    /* DUTIES */

    /// @notice Binds free stake of a registered operator. Contracts named at deployment only.
    function bind(address operator, uint96 amount) external;

    /// @notice Frees stake that is bound. Contracts named at deployment only.
    function unbind(address operator, uint96 amount) external;

    /// @notice Takes bound stake away and moves it to the caller's lock in the Ledger. Contracts named at deployment only.
    function seize(address operator, uint96 amount) external;

    /// @notice Changes the smallest stake of newcomers. Governance only, behind the AccessManager's delay; nobody's stake moves.
    function setMinimumStake(uint96 minimumStake) external;

    function nodeOf(address operator) external view returns (NodeRecord memory);

    function minimumStake() external view returns (uint96);

    /// @notice Seconds stake takes to leave.
    function unbondingPeriod() external view returns (uint40);
}
