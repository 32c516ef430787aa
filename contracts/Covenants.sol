// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ICovenants} from "./interfaces/ICovenants.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {AssetHead} from "./libraries/AssetHead.sol";
import {AssetCommitment, AssetKind} from "./types/Assets.sol";
import {Acknowledgement, Exclusive, Former} from "./types/Covenants.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {Grant, Sale, Stage} from "./types/Licenses.sol";
import {Purposes} from "./types/Terms.sol";

/// @title Promises that outlive a sale: see ICovenants.
contract Covenants is ICovenants {
    using AssetHead for uint256;

    IAssetRegistry private immutable _registry;
    ITermsBook private immutable _book;
    ILicenseDesk private immutable _desk;
    IKeyExchange private immutable _exchange;
    IRevenueGraph private immutable _graph;

    mapping(AssetId asset => Exclusive) private _exclusives;
    mapping(AssetId asset => uint96) private _floors;
    mapping(AssetId licensed => mapping(address licensee => Former)) private _formers;
    mapping(AssetId model => mapping(AssetId asset => Acknowledgement)) private _acknowledgements;

    constructor(
        IAssetRegistry registry,
        ITermsBook book,
        ILicenseDesk desk,
        IKeyExchange exchange,
        IRevenueGraph graph
    ) {
        _registry = registry;
        _book = book;
        _desk = desk;
        _exchange = exchange;
        _graph = graph;
    }

    /* NOBODY ELSE */

    /// @inheritdoc ICovenants
    function takeExclusive(AssetId asset, address licensee, uint40 until) external {
        bool sale = _isSale();
        uint256 head = _registry.headOf(asset);
        Exclusive memory held = _exclusives[asset];
        if (_isTaken(held, head, licensee)) return;
        if (held.sale != sale && _runs(held, head) && until < held.until) {
            if (sale) return; // the longer promise stands: a settlement must not fail
            revert Covenants_Exclusive(asset, licensee, held.until);
        }

        _exclusives[asset] = Exclusive(licensee, until, head.epochOf(), sale);

        emit ExclusiveTaken(asset, licensee, until);
        if (!head.isExclusive()) _registry.markExclusive(asset, true);
    }

    /// @inheritdoc ICovenants
    function reserveExclusive(AssetId asset, address buyer) external {
        if (!_isSale()) revert Covenants_NotSaleModule(msg.sender);
        uint256 head = _registry.headOf(asset);
        if (_isTaken(_exclusives[asset], head, address(0))) return; // whoever holds it is somebody

        _exclusives[asset] = Exclusive(buyer, type(uint40).max, head.epochOf(), true);

        emit ExclusiveTaken(asset, buyer, type(uint40).max);
        if (!head.isExclusive()) _registry.markExclusive(asset, true);
    }

    /// @inheritdoc ICovenants
    function dropExclusive(AssetId asset, address licensee, bool sale) external {
        if (_isSale() && !sale) revert Covenants_NotSaleModule(msg.sender);
        Exclusive storage held = _exclusives[asset];
        if (held.licensee != licensee || held.sale != sale) return;

        delete _exclusives[asset];

        emit ExclusiveDropped(asset, licensee);
        _registry.markExclusive(asset, false);
    }

    /* WHAT WAS BOUGHT STAYS BOUGHT */

    /// @inheritdoc ICovenants
    function noteFormer(AssetId licensed, address licensee, TermsId terms, uint40 since) external {
        bool sale = _isSale();
        (uint16 purposes,, uint96 floor,,,) = _book.limitsOf(terms);
        Former memory known = _formers[licensed][licensee];
        bool trains = purposes & Purposes.TRAIN != 0;
        if (trains && (known.trainedSince == 0 || since < known.trainedSince)) known.trainedSince = since;
        if (sale && known.soldSince == 0) known.soldSince = since;
        known.floor = _max(known.floor, floor);

        _formers[licensed][licensee] = known;
    }

    /* NOT BELOW THIS PRICE */

    /// @inheritdoc ICovenants
    function bindFloor(AssetCommitment calldata child, AssetId parent, address licensee) external {
        AssetId id = AssetId.wrap(keccak256(abi.encode(child)));
        address owner = _registry.headOf(id).ownerOf();
        if (_graph.edgeOf(id, parent).share == 0) revert Covenants_NotLinked(id, parent);
        uint96 floor = _floors[parent];
        if (licensee != address(0)) {
            if (licensee != child.author && licensee != owner) revert Covenants_NotMaker(id, licensee);
            floor = _boughtFloor(parent, licensee, floor);
        }
        if (floor <= _floors[id]) revert Covenants_NothingToBind(id, floor);

        _floors[id] = floor;

        emit FloorBound(id, parent, licensee, floor);
    }

    /* LEFT OUT FROM NOW ON */

    /// @inheritdoc ICovenants
    function acknowledgeExclusion(AssetId model, AssetId asset, bytes32 exclusionRoot) external {
        uint256 made = _registry.headOf(model);
        if (made.ownerOf() != msg.sender) revert Covenants_NotOwner(model, msg.sender);
        if (made.kindOf() == AssetKind.CAPTURE || made.kindOf() == AssetKind.BATCH) revert Covenants_NotDerived(model);
        uint256 head = _registry.headOf(asset);
        if (head.revokedAtOf() == 0) revert Covenants_NothingWithdrawn(asset);

        _acknowledgements[model][asset] = Acknowledgement(exclusionRoot, head.epochOf(), uint40(block.timestamp));

        emit ExclusionAcknowledged(model, asset, head.epochOf(), exclusionRoot);
    }

    /* VIEWS */

    /// @inheritdoc ICovenants
    function requireOpen(AssetId asset, address who) external view {
        Exclusive memory held = _exclusives[asset];
        if (_isTaken(held, _registry.headOf(asset), who)) revert Covenants_Exclusive(asset, held.licensee, held.until);
    }

    /// @inheritdoc ICovenants
    function exclusiveOf(AssetId asset) external view returns (Exclusive memory) {
        return _exclusives[asset];
    }

    /// @inheritdoc ICovenants
    function floorOf(AssetId asset) external view returns (uint96) {
        return _floors[asset];
    }

    /// @inheritdoc ICovenants
    function formerOf(AssetId licensed, address licensee) external view returns (Former memory) {
        return _formers[licensed][licensee];
    }

    /// @inheritdoc ICovenants
    function acknowledgedOf(AssetId model, AssetId asset) external view returns (Acknowledgement memory) {
        return _acknowledgements[model][asset];
    }

    /* PRIVATE */

    /// @dev Whether the caller is the KeyExchange; reverts unless it is that or the LicenseDesk.
    function _isSale() private view returns (bool sale) {
        sale = msg.sender == address(_exchange);
        if (!sale && msg.sender != address(_desk)) revert Covenants_NotSaleModule(msg.sender);
    }

    function _isTaken(Exclusive memory held, uint256 head, address who) private view returns (bool) {
        return _runs(held, head) && held.licensee != who;
    }

    function _runs(Exclusive memory held, uint256 head) private view returns (bool) {
        bool lasts = block.timestamp < held.until || held.until == type(uint40).max;
        return lasts && held.consentEpoch == head.epochOf() && held.licensee != address(0);
    }

    /// @dev The largest of `floor` and the floors of the terms under which somebody bought licenses of an asset, ended ones too.
    function _boughtFloor(AssetId asset, address licensee, uint96 floor) private view returns (uint96) {
        floor = _max(floor, _formers[asset][licensee].floor);
        Grant memory bought = _desk.grantOf(asset, licensee);
        if (bought.price != 0) floor = _max(floor, _floorOf(bought.terms));
        Sale memory sale = _exchange.saleOf(asset, licensee);
        if (sale.stage == Stage.Settled) floor = _max(floor, _floorOf(sale.terms));
        return floor;
    }

    function _floorOf(TermsId terms) private view returns (uint96 floor) {
        (,, floor,,,) = _book.limitsOf(terms);
    }

    function _max(uint96 a, uint96 b) private pure returns (uint96) {
        return a > b ? a : b;
    }
}
