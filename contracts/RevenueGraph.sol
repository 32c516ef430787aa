// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {Income} from "./libraries/Income.sol";
import {SumTree} from "./libraries/SumTree.sol";
import {AssetKind} from "./types/Assets.sol";
import {AssetId} from "./types/Ids.sol";
import {Beneficiary, Claim, Edge, Node, Parent, Payout} from "./types/Revenue.sol";

/// @title Profit splits: see IRevenueGraph.
contract RevenueGraph is IRevenueGraph {
    /// @dev A Node as kept: paying reads one word and writes it, without asking again for the half that stays.
    struct Kept {
        uint256 income; // `received` in the lower half, `ownAtLink` in the upper
        uint128 receivedAtLink; // slot 1
        uint32 linkedShare;
        uint32 payouts;
    }

    uint256 private constant MAX_PARENTS = 16;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;

    mapping(address module => bool) private _saleModules;
    mapping(AssetId asset => Kept) private _nodes;
    mapping(AssetId child => mapping(AssetId parent => uint256 word)) private _edges; // an Edge, first field in the lowest bits
    mapping(AssetId asset => mapping(uint32 payout => Payout)) private _payouts;
    mapping(AssetId asset => mapping(uint32 payout => mapping(uint32 index => uint256))) private _taken;
    mapping(AssetId asset => uint256) private _ownTaken;

    constructor(ILedger ledger, IAssetRegistry registry, address[] memory saleModules) {
        _ledger = ledger;
        _registry = registry;
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
    function publishPayout(
        AssetId asset,
        bytes32 root,
        uint96 totalWeight,
        uint8 depth,
        bytes32 licenseSetRoot,
        bytes32 manifest
    ) external returns (uint32 payout) {
        if (_registry.ownerOfAsset(asset) != msg.sender) revert RevenueGraph_NotOwner(asset, msg.sender);
        if (root == 0 || totalWeight == 0) revert RevenueGraph_EmptyPayout();
        if (depth > SumTree.MAX_DEPTH) revert RevenueGraph_TooDeep(depth);
        Node memory node = nodeOf(asset);
        uint256 start = Income.own(node);

        payout = node.payouts + 1;
        _nodes[asset].payouts = payout;
        _payouts[asset][payout] =
            Payout({root: root, start: uint128(start), totalWeight: totalWeight, depth: depth});

        emit PayoutPublished(asset, payout, root, totalWeight, depth, start, licenseSetRoot, manifest);
    }

    /// @inheritdoc IRevenueGraph
    function claim(AssetId asset, uint32 payout, Claim calldata leaf) external returns (uint256 amount) {
        (Payout memory plan, uint256 earned) = _earnings(asset, payout);

        amount = _claim(asset, payout, plan, earned, leaf);
        if (amount == 0) revert RevenueGraph_NothingDue(asset);
    }

    /// @inheritdoc IRevenueGraph
    function claimMany(AssetId asset, uint32 payout, Claim[] calldata leaves) external returns (uint256 amount) {
        (Payout memory plan, uint256 earned) = _earnings(asset, payout);

        for (uint256 i = 0; i < leaves.length; ++i) {
            if (i > 0 && leaves[i].index <= leaves[i - 1].index) {
                revert RevenueGraph_NotIncreasing(leaves[i - 1].index, leaves[i].index);
            }
            amount += _claim(asset, payout, plan, earned, leaves[i]);
        }
        if (amount == 0) revert RevenueGraph_NothingDue(asset);
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
        if (kind == AssetKind.CAPTURE) revert RevenueGraph_CaptureHasNoParents(child);
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

    /// @dev Pays one proven leaf what it has not taken yet.
    function _claim(AssetId asset, uint32 payout, Payout memory plan, uint256 earned, Claim calldata leaf)
        private
        returns (uint256 amount)
    {
        bytes32 hash = SumTree.leafHash(asset, payout, leaf);
        if (!SumTree.contains(plan.root, plan.totalWeight, plan.depth, hash, leaf)) {
            revert RevenueGraph_BadProof(asset, payout, leaf.index);
        }
        uint256 whole = Income.ofLeaf(earned, leaf.weight, plan.totalWeight);
        amount = whole - _taken[asset][payout][leaf.index];
        if (amount == 0) return 0;

        _taken[asset][payout][leaf.index] = whole;

        address to = _beneficiary(asset, leaf);
        emit Claimed(asset, payout, leaf.index, to, leaf.beneficiary, amount);
        if (to == address(0)) _receive(AssetId.wrap(leaf.beneficiary), amount);
        else _ledger.release(to, amount);
    }

    /// @dev The account a leaf pays, or zero when it pays another asset's node. That asset must be older, so that money going from
    ///      node to node comes to an end.
    function _beneficiary(AssetId asset, Claim calldata leaf) private view returns (address to) {
        AssetId named = AssetId.wrap(leaf.beneficiary);
        if (leaf.kind == Beneficiary.OWNER) return _registry.ownerOfAsset(named);
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
