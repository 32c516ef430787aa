// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchLeaf} from "../types/Assets.sol";
import {AssetId} from "../types/Ids.sol";
import {Claim, Edge, Node, Parent, Payout, Plan, Statement} from "../types/Revenue.sol";

/// @title Profit splits from a policy down to a fingertip.
/// @notice Anyone pays an asset, in one storage write for any number of contributors. Linked parents own fixed shares of what comes
///         after the link; what is left is the asset's own part, which belongs to its owner until a payout is published and to the
///         payout's leaves from then on. Everything is cumulative: due = floor(cumulative · weight / total) − taken, so cutting one
///         payment into many pays exactly the same.
/// @dev    A payout is a Merkle-sum tree of depth ≤ 20. leaf = keccak256(abi.encode(bytes32("thenar.leaf/1"), block.chainid,
///         address(this), asset, payout, index, kind, beneficiary, weight)); inner = keccak256(abi.encode(bytes32("thenar.sum/1"),
///         leftHash, leftSum, rightHash, rightSum)). Empty places have hash 0 and sum 0. A forged tree cannot overdraw, because every
///         proof must end at the published total. Rounding dust stays in the graph, below one unit per leaf.
///         Links are acyclic without a walk: a parent was minted before its child.
interface IRevenueGraph {
    /// @notice Somebody paid an asset. Its income is the sum of these, of `Rolled` to it and of `Claimed` by leaves that pay its node.
    event Paid(AssetId indexed asset, address indexed payer, uint256 amount, bytes32 indexed ref);
    /// @notice Parents now own shares of what the child receives from here on. `atIncome` is its cumulative income so far.
    event Linked(AssetId indexed child, Parent[] parents, uint256 atIncome);
    /// @notice A parent's share moved up to its own node.
    event Rolled(AssetId indexed child, AssetId indexed parent, uint256 amount);
    /// @notice The asset's own part is shared by these weights from here on. `manifest` is the SHA-256 digest of the published tree
    ///         and license set; `statement` is what its publisher answers for before the OmissionCourt.
    event PayoutPublished(
        AssetId indexed asset,
        uint32 indexed payout,
        bytes32 root,
        uint96 totalWeight,
        uint8 depth,
        uint256 start,
        Statement statement,
        bytes32 manifest
    );
    /// @notice A payout was frozen for an omission, or thawed again.
    event FreezeChanged(AssetId indexed asset, uint32 indexed payout, bool frozen);
    /// @notice A leaf was paid. `to` is the account, or zero when it went to another asset's node.
    event Claimed(AssetId indexed asset, uint32 indexed payout, uint32 index, address indexed to, bytes32 beneficiary, uint256 amount);
    /// @notice The owner took the part of an asset that no payout covers.
    event OwnTaken(AssetId indexed asset, address indexed owner, uint256 amount);

    error RevenueGraph_NotOwner(AssetId asset, address caller);
    error RevenueGraph_NotSaleModule(address caller);
    error RevenueGraph_CaptureHasNoParents(AssetId asset);
    error RevenueGraph_NotOlder(AssetId child, AssetId parent);
    error RevenueGraph_AlreadyLinked(AssetId child, AssetId parent);
    error RevenueGraph_NotLinked(AssetId child, AssetId parent);
    error RevenueGraph_BadShare(AssetId parent, uint32 share);
    error RevenueGraph_ShareAboveWhole(uint256 share);
    error RevenueGraph_NoParents(AssetId child);
    error RevenueGraph_TooManyParents(uint256 count);
    error RevenueGraph_TooManyLeaves(uint256 count);
    error RevenueGraph_EmptyPayout();
    error RevenueGraph_TooDeep(uint8 depth);
    error RevenueGraph_BadLicenseSet(uint32 count);
    error RevenueGraph_NotCourt(address caller);
    error RevenueGraph_Frozen(AssetId asset, uint32 payout);
    error RevenueGraph_NoPayout(AssetId asset, uint32 payout);
    error RevenueGraph_BadProof(AssetId asset, uint32 payout, uint32 index);
    error RevenueGraph_NotPaired(uint256 leaves, uint256 members);
    error RevenueGraph_NotIncreasing(uint32 previous, uint32 index);
    error RevenueGraph_BadBeneficiary(bytes32 beneficiary);
    error RevenueGraph_NothingDue(AssetId asset);
    error RevenueGraph_Overflow(uint256 amount);

    /// @notice Pays an asset from the caller's wallet. O(1) for any number of contributors.
    /// @param ref free reference, e.g. an invoice
    function pay(AssetId asset, uint256 amount, bytes32 ref) external;

    /// @notice Credits an asset with money a sale module has just moved here through the Ledger. Sale modules only.
    function credit(AssetId asset, address payer, uint256 amount, bytes32 ref) external;

    /// @notice Gives parents fixed shares of the child's future income. Child's owner only; shares can be added, never taken away.
    /// @param parents strictly increasing ids, at most 16, each minted before the child
    function link(AssetId child, Parent[] calldata parents) external;

    /// @notice Moves what a parent is due from a child up to the parent's node. Anyone.
    function roll(AssetId child, AssetId parent) external returns (uint256 amount);

    /// @notice Publishes who shares the asset's own part from now on. Owner only; the past is never changed.
    /// @dev What is stored commits to the tree and to a statement: who publishes, when, with which bond, and the set of assets that
    ///      this publisher, and the asset's author until it was minted, bought a license to train on. A set that lacks one can be
    ///      convicted by the OmissionCourt. An empty set states that there are none. The bond comes from the caller's Ledger
    ///      account and may be 0: a publisher without money must still be able to share, contributors see the bond in the event,
    ///      and a payout without one can be frozen all the same.
    function publishPayout(AssetId asset, Plan calldata plan) external returns (uint32 payout);

    /// @notice Pays one leaf of a payout. Anyone may call; the beneficiary is paid. Reverts while the payout is frozen.
    /// @param statement keccak256(abi.encode(bytes32("thenar.statement/1"), Statement)) of the payout, see `PayoutPublished`
    function claim(AssetId asset, uint32 payout, bytes32 statement, Claim calldata leaf) external returns (uint256 amount);

    /// @notice Pays several leaves of one payout, at most 100, indices strictly increasing.
    function claimMany(AssetId asset, uint32 payout, bytes32 statement, Claim[] calldata leaves)
        external
        returns (uint256 amount);

    /// @notice Pays one leaf that names a member of a batch, whether or not it was ever materialised: to the member's owner, or to the
    ///         batch's while it has no record of its own. Anyone may call.
    function claimLeaf(
        AssetId asset,
        uint32 payout,
        bytes32 statement,
        Claim calldata leaf,
        BatchLeaf calldata member
    ) external returns (uint256 amount);

    /// @notice Pays several leaves of one payout that name members of batches, at most 100, in any order, each with its member.
    function claimLeaves(
        AssetId asset,
        uint32 payout,
        bytes32 statement,
        Claim[] calldata leaves,
        BatchLeaf[] calldata members
    ) external returns (uint256 amount);

    /// @notice Freezes a payout, or thaws it. OmissionCourt only. Neither its earnings nor any other payout is touched.
    function setFrozen(AssetId asset, uint32 payout, bool frozen) external;

    /// @notice Pays the owner the part of an asset that no payout covers (everything of its own before the first one). Anyone may call.
    function takeOwn(AssetId asset) external returns (uint256 amount);

    /// @notice What a leaf would be paid now, proof not checked; 0 while the payout is frozen.
    function dueOf(AssetId asset, uint32 payout, uint32 index, uint96 weight) external view returns (uint256);

    /// @notice What `takeOwn` would pay now.
    function ownDueOf(AssetId asset) external view returns (uint256);

    /// @notice What `roll` would move now.
    function rollDueOf(AssetId child, AssetId parent) external view returns (uint256);

    function nodeOf(AssetId asset) external view returns (Node memory);

    function edgeOf(AssetId child, AssetId parent) external view returns (Edge memory);

    /// @notice A payout as stored; all zero when there is none.
    function payoutOf(AssetId asset, uint32 payout) external view returns (Payout memory);

    /// @notice The asset's own cumulative income: what is left of everything received after linked parents' shares.
    function ownOf(AssetId asset) external view returns (uint256);
}
