// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DisputeId, Ruling} from "../types/Disputes.sol";
import {EpochParams, EpochRoot, EpochSums, RootContest, RootProposal, RunningEpoch} from "../types/Epochs.sol";
import {AssetId} from "../types/Ids.sol";
import {ICourtClient} from "./ISegmentCourt.sol";

/// @title Rewards for contributions, epoch by epoch.
/// @notice An epoch begins when the one before is closed. All facts before its closing in the order of the chain belong to it, so that every
///         peer counts the same. Its pool was known when it began: what its period emits at most, and no more than four fifths of the fees
///         burnt in the epoch before, and a base. Who is due how much is worked out by peers from public facts; one of them proposes
///         the root of a Merkle-sum tree over what every account was due since the beginning, with a bond. Whoever computes another
///         root holds it against that one, with a bond, before the SegmentCourt, whose jurors compute it again.
/// @dev    RUNNING ─ close ─► CLOSED ─ propose ─► PROPOSED ─ settle, after the window ─► SETTLED
///                                               PROPOSED ─ challenge ─► CONTESTED ─ resolve ─► SETTLED, or CLOSED after a void
///         A ruling settles the root it is for at once. The loser's bond: half to the winner, a quarter to the jurors, the rest is burnt.
///         A void burns a tenth of both bonds, or two wrong roots could keep all others waiting for nothing. Only the newest
///         closed epoch is proposed: its amounts hold all earlier ones. Whatever a root says, no more than the pools of closed epochs
///         is ever minted. Nothing here can be paused.
interface IContributionEpochs is ICourtClient {
    /// @notice The terms of this deployment, at the beginning of epoch 1.
    event EpochTerms(EpochParams params, uint88 pool, uint40 openedAt);
    /// @notice An epoch is over, and the next one has begun.
    /// @param pool what the closed one shares out
    /// @param granted pools of all closed epochs
    /// @param burnt usage fees burnt in it
    /// @param nextPool what the next one shares out
    event EpochClosed(uint32 indexed epoch, uint88 pool, uint96 granted, uint96 burnt, uint88 nextPool, uint40 closedAt);
    /// @notice Somebody paid for using an asset; `burnt` of the amount exists no more, the rest is the owner's.
    event UsagePaid(AssetId indexed asset, address indexed payer, address indexed owner, uint256 amount, uint256 burnt, uint32 epoch);
    /// @notice Somebody answers for the root of an epoch.
    event RootProposed(address indexed proposer, EpochRoot root, uint40 until);
    /// @notice Another root is held against the proposed one, and a jury called.
    event RootChallenged(DisputeId indexed dispute, address indexed challenger, EpochRoot held);
    /// @notice The court has ruled.
    event RootJudged(DisputeId indexed dispute, uint32 indexed epoch, Ruling ruling, uint256 toWinner, uint256 toJurors, uint256 burnt);
    /// @notice From now on accounts claim under this root.
    event RootSettled(EpochRoot root);
    /// @notice An account has all it was due under the settled root: `due` now, `amount` since the beginning.
    event RewardClaimed(address indexed account, uint256 due, uint256 amount);

    error ContributionEpochs_BadParameters();
    error ContributionEpochs_CapTooLow(uint256 cap, uint256 emitted);
    error ContributionEpochs_TooEarly(uint256 since);
    error ContributionEpochs_TooLate(uint256 until);
    error ContributionEpochs_NothingPaid();
    error ContributionEpochs_WrongEpoch(uint32 given, uint32 newest);
    error ContributionEpochs_Settled(uint32 epoch);
    error ContributionEpochs_Busy();
    error ContributionEpochs_BadRoot(bytes32 root, uint8 depth);
    error ContributionEpochs_OverPools(uint256 total, uint256 granted);
    error ContributionEpochs_WrongProposal();
    error ContributionEpochs_SameRoot();
    error ContributionEpochs_NotCourt(address caller);
    error ContributionEpochs_Unknown(DisputeId dispute);
    error ContributionEpochs_NotInRoot(address account, uint256 index);
    error ContributionEpochs_NothingDue(address account, uint256 claimed);
    error ContributionEpochs_Overdrawn(uint256 paid, uint256 due, uint256 granted);

    /* USE */

    /// @notice Pays for using an asset in ThenarToken that the caller allowed: 5 % is burnt, the rest goes to the asset's owner.
    function pay(AssetId asset, uint256 amount) external;

    /* ROOTS */

    /// @notice Ends the running epoch once it has lasted long enough. Anyone.
    function close() external;

    /// @notice Proposes the root of the newest closed epoch, with a bond from the caller's Ledger account.
    /// @param root of the tree; at most 20 levels, and no more in all than the pools of all closed epochs
    function propose(EpochRoot calldata root) external;

    /// @notice Holds another root of the same epoch against the proposed one, with a bond. A jury is called.
    function challenge(RootProposal calldata proposal, EpochRoot calldata held) external returns (DisputeId dispute);

    /// @notice Settles a proposed root that nobody challenged in time, and frees its bond. Anyone.
    function settle(RootProposal calldata proposal) external;

    /* REWARDS */

    /// @notice Mints what an account is due under the settled root beyond what it had. Anyone may send it.
    /// @param amount due since the beginning; the leaf at `index`
    /// @param siblings of the leaf from the bottom up, and their sums
    function claim(address account, uint256 index, uint96 amount, bytes32[] calldata siblings, uint96[] calldata sums) external;

    /* VIEWS */

    function running() external view returns (RunningEpoch memory);

    function sums() external view returns (EpochSums memory);

    /// @notice keccak256(abi.encode(root, total, depth)) of the settled root; 0 while there is none.
    function settledRoot() external view returns (bytes32);

    /// @notice keccak256(abi.encode(RootProposal)) while a root can be challenged; 0 otherwise.
    function proposed() external view returns (bytes32);

    function contest() external view returns (RootContest memory);

    /// @notice What an account has had since the beginning.
    function claimedBy(address account) external view returns (uint96);

    /// @notice The twin of what peers compute: the pool of an epoch after one in which so much was burnt.
    function poolOf(uint32 epoch, uint96 burnt) external view returns (uint256);

    function parameters() external view returns (EpochParams memory);
}
