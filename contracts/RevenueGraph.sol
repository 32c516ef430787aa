// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IOmissionCourt} from "./interfaces/IOmissionCourt.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {AssetHead} from "./libraries/AssetHead.sol";
import {Income} from "./libraries/Income.sol";
import {Statements} from "./libraries/Statements.sol";
import {SumTree} from "./libraries/SumTree.sol";
import {AssetKind, BatchLeaf} from "./types/Assets.sol";
import {AssetId} from "./types/Ids.sol";
import {Beneficiary, Claim, Edge, Node, Parent, Payout, Plan, Statement} from "./types/Revenue.sol";

/// @title Profit splits: see IRevenueGraph.
contract RevenueGraph is IRevenueGraph {
    using AssetHead for uint256;

    /// @dev A Node as kept: paying reads one word and writes it, without asking again for the half that stays.
    struct Kept {
        uint256 income; // `received` in the lower half, `ownAtLink` in the upper
        uint128 receivedAtLink; // slot 1
        uint32 linkedShare;
        uint32 payouts;
    }

    /// @dev A payout that is claimed from, read once for all its leaves.
    struct Till {
        AssetId asset;
        uint32 payout;
        bytes32 statement;
        uint256 earned; // by the payout so far
        Payout plan;
    }

    uint256 private constant MAX_PARENTS = 16;
    /// @dev So that no claim of an allowed size needs more gas than a transaction may have.
    uint256 private constant MAX_LEAVES = 100;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    IOmissionCourt private immutable _court;

    mapping(address module => bool) private _saleModules;
    mapping(AssetId asset => Kept) private _nodes;
    mapping(AssetId child => mapping(AssetId parent => uint256 word)) private _edges; // an Edge, first field in the lowest bits
    mapping(AssetId asset => mapping(uint32 payout => Payout)) private _payouts;
    mapping(AssetId asset => mapping(uint32 payout => mapping(uint32 index => uint256))) private _taken;
    mapping(AssetId asset => uint256) private _ownTaken;

    constructor(ILedger ledger, IAssetRegistry registry, IOmissionCourt court, address[] memory saleModules) {
        _ledger = ledger;
        _registry = registry;
        _court = court;
        for (uint256 i = 0; i < saleModules.length; ++i) {
            _saleModules[saleModules[i]] = true;
        }
    }

    /* INCOME */

    /// @inheritdoc IRevenueGraph
    function pay(AssetId asset, uint256 amount, bytes32 ref) external {
        uint256 received = _ledger.collect(msg.sender, amount); // before the effects: only the Ledger knows what arrived

        uint256 cumulative = _receive(asset, received);
        if (cumulative == received) _registry.ownerOfAsset(asset); // whatever had income before exists

        emit Paid(asset, msg.sender, received, ref);
    }

    /// @inheritdoc IRevenueGraph
    function credit(AssetId asset, address payer, uint256 amount, bytes32 ref) external {
        if (!_saleModules[msg.sender]) revert RevenueGraph_NotSaleModule(msg.sender);

        _receive(asset, amount);

        emit Paid(asset, payer, amount, ref);
    }

    /* LINKS */

    /// @inheritdoc IRevenueGraph
    function link(AssetId child, Parent[] calldata parents) external {
        if (parents.length == 0) revert RevenueGraph_NoParents(child);
        if (parents.length > MAX_PARENTS) revert RevenueGraph_TooManyParents(parents.length);
        _requireOlder(child, parents);
        Node memory node = nodeOf(child);
        uint256 own = Income.own(node);

        uint256 share = node.linkedShare + _addEdges(child, parents, node.received);
        if (share > Income.WHOLE) revert RevenueGraph_ShareAboveWhole(share);
        _nodes[child] = Kept(node.received | own << 128, node.received, uint32(share), node.payouts);

        emit Linked(child, parents, node.received);
    }

    /// @inheritdoc IRevenueGraph
    function roll(AssetId child, AssetId parent) external returns (uint256 amount) {
        Edge memory edge = _edgeAt(child, parent);
        amount = Income.ofParent(edge, uint128(_nodes[child].income)) - edge.rolled;
        if (amount == 0) revert RevenueGraph_NothingDue(child);

        _edges[child][parent] += amount << 144; // a parent is never due 2^112 in all
        _receive(parent, amount);

        emit Rolled(child, parent, amount);
    }

    /* PAYOUTS */

    /// @inheritdoc IRevenueGraph
    function publishPayout(AssetId asset, Plan calldata plan) external returns (uint32 payout) {
        if (_registry.headOf(asset).ownerOf() != msg.sender) revert RevenueGraph_NotOwner(asset, msg.sender);
        if (plan.root == 0 || plan.totalWeight == 0) revert RevenueGraph_EmptyPayout();
        if (plan.depth > SumTree.MAX_DEPTH) revert RevenueGraph_TooDeep(plan.depth);
        if ((plan.licenseSetRoot == 0) != (plan.licenseCount == 0)) revert RevenueGraph_BadLicenseSet(plan.licenseCount);
        Node memory node = nodeOf(asset);
        uint128 start = uint128(Income.own(node));
        Statement memory statement =
            Statement(msg.sender, uint40(block.timestamp), plan.bond, plan.licenseSetRoot, plan.licenseCount);

        payout = node.payouts + 1;
        _nodes[asset].payouts = payout;
        _payouts[asset][payout] = Payout({
            commitment: Statements.commitment(plan.root, Statements.hash(statement)),
            start: start,
            totalWeight: plan.totalWeight,
            depth: plan.depth,
            frozen: false
        });

        emit PayoutPublished(asset, payout, plan.root, plan.totalWeight, plan.depth, start, statement, plan.manifest);
        if (plan.bond != 0) _court.take(msg.sender, plan.bond);
    }

    /// @inheritdoc IRevenueGraph
    function claim(AssetId asset, uint32 payout, bytes32 statement, Claim calldata leaf) external returns (uint256 amount) {
        Till memory till = _till(asset, payout, statement);

        amount = _claim(till, leaf);
        if (amount == 0) revert RevenueGraph_NothingDue(asset);
    }

    /// @inheritdoc IRevenueGraph
    function claimMany(AssetId asset, uint32 payout, bytes32 statement, Claim[] calldata leaves)
        external
        returns (uint256 amount)
    {
        if (leaves.length > MAX_LEAVES) revert RevenueGraph_TooManyLeaves(leaves.length);
        Till memory till = _till(asset, payout, statement);

        for (uint256 i = 0; i < leaves.length; ++i) {
            if (i > 0 && leaves[i].index <= leaves[i - 1].index) {
                revert RevenueGraph_NotIncreasing(leaves[i - 1].index, leaves[i].index);
            }
            amount += _claim(till, leaves[i]);
        }
        if (amount == 0) revert RevenueGraph_NothingDue(asset);
    }

    /// @inheritdoc IRevenueGraph
    function claimLeaves(
        AssetId asset,
        uint32 payout,
        bytes32 statement,
        Claim[] calldata leaves,
        BatchLeaf[] calldata members
    ) external returns (uint256 amount) {
        if (leaves.length > MAX_LEAVES) revert RevenueGraph_TooManyLeaves(leaves.length);
        if (leaves.length != members.length) revert RevenueGraph_NotPaired(leaves.length, members.length);
        Till memory till = _till(asset, payout, statement);

        for (uint256 i = 0; i < leaves.length; ++i) {
            amount += _claimMember(till, leaves[i], members[i]);
        }
        if (amount == 0) revert RevenueGraph_NothingDue(asset);
    }

    /// @inheritdoc IRevenueGraph
    function claimLeaf(
        AssetId asset,
        uint32 payout,
        bytes32 statement,
        Claim calldata leaf,
        BatchLeaf calldata member
    ) external returns (uint256 amount) {
        amount = _claimMember(_till(asset, payout, statement), leaf, member);
        if (amount == 0) revert RevenueGraph_NothingDue(asset);
    }

    /// @inheritdoc IRevenueGraph
    function setFrozen(AssetId asset, uint32 payout, bool frozen) external {
        if (msg.sender != address(_court)) revert RevenueGraph_NotCourt(msg.sender);

        _payouts[asset][payout].frozen = frozen;

        emit FreezeChanged(asset, payout, frozen);
    }

    /// @inheritdoc IRevenueGraph
    function takeOwn(AssetId asset) external returns (uint256 amount) {
        address owner = _registry.ownerOfAsset(asset);
        amount = ownDueOf(asset);
        if (amount == 0) revert RevenueGraph_NothingDue(asset);

        _ownTaken[asset] += amount;

        emit OwnTaken(asset, owner, amount);
        _ledger.release(owner, amount);
    }

    /* VIEWS */

    /// @inheritdoc IRevenueGraph
    function dueOf(AssetId asset, uint32 payout, uint32 index, uint96 weight) external view returns (uint256) {
        (Payout memory plan, uint256 earned) = _earnings(asset, payout);
        if (plan.frozen) return 0;
        uint256 whole = Income.ofLeaf(earned, weight, plan.totalWeight);
        uint256 taken = _taken[asset][payout][index];
        return whole > taken ? whole - taken : 0;
    }

    /// @inheritdoc IRevenueGraph
    function ownDueOf(AssetId asset) public view returns (uint256) {
        Node memory node = nodeOf(asset);
        uint256 end = node.payouts == 0 ? Income.own(node) : _payouts[asset][1].start;
        return end - _ownTaken[asset];
    }

    /// @inheritdoc IRevenueGraph
    function rollDueOf(AssetId child, AssetId parent) external view returns (uint256) {
        Edge memory edge = _edgeAt(child, parent);
        return Income.ofParent(edge, uint128(_nodes[child].income)) - edge.rolled;
    }

    /// @inheritdoc IRevenueGraph
    function nodeOf(AssetId asset) public view returns (Node memory) {
        Kept storage kept = _nodes[asset];
        uint256 income = kept.income;
        return Node(uint128(income), uint128(income >> 128), kept.receivedAtLink, kept.linkedShare, kept.payouts);
    }

    /// @inheritdoc IRevenueGraph
    function edgeOf(AssetId child, AssetId parent) external view returns (Edge memory) {
        return _edge(_edges[child][parent]);
    }

    /// @inheritdoc IRevenueGraph
    function payoutOf(AssetId asset, uint32 payout) external view returns (Payout memory) {
        return _payouts[asset][payout];
    }

    /// @inheritdoc IRevenueGraph
    function ownOf(AssetId asset) external view returns (uint256) {
        return Income.own(nodeOf(asset));
    }

    /* PRIVATE */

    /// @dev Adds to an asset's cumulative income. The bound keeps every later product and every edge within its type, and it is
    ///      met here so that only new money is refused, never money already received.
    function _receive(AssetId asset, uint256 amount) private returns (uint256 cumulative) {
        Kept storage node = _nodes[asset];
        uint256 income = node.income;
        unchecked {
            cumulative = uint128(income) + amount; // the Ledger counts no lock beyond 2^248
            if (cumulative > type(uint112).max) revert RevenueGraph_Overflow(cumulative);
            node.income = income + amount; // so the lower half does not run over
        }
    }

    /// @dev The caller must own the child, which may have parents, all minted before it.
    function _requireOlder(AssetId child, Parent[] calldata parents) private view {
        AssetId[] memory ids = new AssetId[](parents.length);
        for (uint256 i = 0; i < parents.length; ++i) {
            ids[i] = parents[i].asset;
        }
        (address owner, AssetKind kind, uint48 serial, AssetId newest, uint48 newestSerial) = _registry.lineage(child, ids);
        if (owner != msg.sender) revert RevenueGraph_NotOwner(child, msg.sender);
        if (kind == AssetKind.CAPTURE || kind == AssetKind.BATCH) revert RevenueGraph_CaptureHasNoParents(child);
        if (newestSerial >= serial) revert RevenueGraph_NotOlder(child, newest);
    }

    /// @dev Writes the parents' edges and returns the sum of their shares. `received` is below 2^112.
    function _addEdges(AssetId child, Parent[] calldata parents, uint256 received) private returns (uint256 sum) {
        mapping(AssetId parent => uint256 word) storage edges = _edges[child];
        for (uint256 i = 0; i < parents.length; ++i) {
            Parent calldata given = parents[i];
            (AssetId parent, uint256 share) = (given.asset, given.share);
            if (share == 0 || share > Income.WHOLE) revert RevenueGraph_BadShare(parent, uint32(share));
            if (edges[parent] != 0) revert RevenueGraph_AlreadyLinked(child, parent);
            edges[parent] = share | (received << 32);
            unchecked {
                sum += share; // at most 16 shares of at most one whole
            }
        }
    }

    function _edgeAt(AssetId child, AssetId parent) private view returns (Edge memory edge) {
        edge = _edge(_edges[child][parent]);
        if (edge.share == 0) revert RevenueGraph_NotLinked(child, parent);
    }

    function _edge(uint256 word) private pure returns (Edge memory) {
        return Edge({share: uint32(word), baseline: uint112(word >> 32), rolled: uint112(word >> 144)});
    }

    /// @dev A payout and what it has earned so far: the asset's own income from its start to the start of the next one, or to now.
    function _earnings(AssetId asset, uint32 payout) private view returns (Payout memory plan, uint256 earned) {
        Node memory node = nodeOf(asset);
        if (payout == 0 || payout > node.payouts) revert RevenueGraph_NoPayout(asset, payout);
        plan = _payouts[asset][payout];
        uint256 end = payout == node.payouts ? Income.own(node) : _payouts[asset][payout + 1].start;
        earned = end - plan.start;
    }

    /// @dev Opens a payout for claims; `statement` is the hash its commitment was made with, and is checked with every proof.
    function _till(AssetId asset, uint32 payout, bytes32 statement) private view returns (Till memory till) {
        (till.asset, till.payout, till.statement) = (asset, payout, statement);
        (till.plan, till.earned) = _earnings(asset, payout);
        if (till.plan.frozen) revert RevenueGraph_Frozen(asset, payout);
    }

    /// @dev Pays one proven leaf what it has not taken yet.
    function _claim(Till memory till, Claim calldata leaf) private returns (uint256 amount) {
        amount = _take(till, leaf);
        if (amount != 0) _hand(till, leaf, amount, _beneficiary(till.asset, leaf));
    }

    /// @dev The same for a leaf that names a member of a batch, which needs no record of its own.
    function _claimMember(Till memory till, Claim calldata leaf, BatchLeaf calldata member)
        private
        returns (uint256 amount)
    {
        (AssetId id, address owner) = _registry.ownerOfLeaf(member);
        if (leaf.kind != Beneficiary.OWNER || AssetId.unwrap(id) != leaf.beneficiary) {
            revert RevenueGraph_BadBeneficiary(leaf.beneficiary);
        }
        amount = _take(till, leaf);
        if (amount != 0) _hand(till, leaf, amount, owner);
    }

    /// @dev Pays what was taken for a leaf: to an account, or into another asset's node when `to` is zero.
    function _hand(Till memory till, Claim calldata leaf, uint256 amount, address to) private {
        emit Claimed(till.asset, till.payout, leaf.index, to, leaf.beneficiary, amount);
        if (to == address(0)) _receive(AssetId.wrap(leaf.beneficiary), amount);
        else _ledger.release(to, amount);
    }

    /// @dev Checks a leaf's proof and marks as taken whatever it had not taken yet, which is for the caller to pay.
    function _take(Till memory till, Claim calldata leaf) private returns (uint256 amount) {
        (AssetId asset, uint32 payout, Payout memory plan) = (till.asset, till.payout, till.plan);
        (bytes32 root, uint256 sum) = SumTree.rootOf(plan.depth, SumTree.leafHash(asset, payout, leaf), leaf);
        if (sum != plan.totalWeight || Statements.commitment(root, till.statement) != plan.commitment) {
            revert RevenueGraph_BadProof(asset, payout, leaf.index);
        }
        uint256 whole = Income.ofLeaf(till.earned, leaf.weight, plan.totalWeight);
        mapping(uint32 index => uint256) storage taken = _taken[asset][payout];
        amount = whole - taken[leaf.index];

        if (amount != 0) taken[leaf.index] = whole;
    }

    /// @dev The account a leaf pays, or zero when it pays another asset's node. That asset must be older, so that money going from
    ///      node to node comes to an end.
    function _beneficiary(AssetId asset, Claim calldata leaf) private view returns (address to) {
        AssetId named = AssetId.wrap(leaf.beneficiary);
        if (leaf.kind == Beneficiary.OWNER) return _registry.headOf(named).ownerOf();
        if (leaf.kind == Beneficiary.ACCOUNT) {
            to = address(uint160(uint256(leaf.beneficiary)));
            if (to == address(0) || uint256(leaf.beneficiary) >> 160 != 0) {
                revert RevenueGraph_BadBeneficiary(leaf.beneficiary);
            }
            return to;
        }
        AssetId[] memory ids = new AssetId[](1);
        ids[0] = named;
        (,, uint48 serial,, uint48 namedSerial) = _registry.lineage(asset, ids);
        if (namedSerial >= serial) revert RevenueGraph_NotOlder(asset, named);
    }
}
