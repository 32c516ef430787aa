// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {Secp256k1} from "./libraries/Secp256k1.sol";
import {AssetCommitment, AssetKind} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {Deal, Delivery, Sale, Stage} from "./types/Licenses.sol";

/// @title Fair sales: see IKeyExchange.
contract KeyExchange is IKeyExchange {
    bytes32 private constant DEAL = "thenar.deal/1";
    bytes32 private constant WRAP = "thenar.wrap/1";
    bytes32 private constant KEY = "thenar.key/1";
    uint8 private constant NO_DELIVERY = 1;
    uint8 private constant WRONG_KEY = 2;
    uint8 private constant CONSENT_REVOKED = 3;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ILicenseDesk private immutable _desk;
    IRevenueGraph private immutable _graph;
    uint40 private immutable _deliveryWindow;
    uint40 private immutable _disputeWindow;

    mapping(AssetId asset => mapping(address buyer => Sale)) private _sales;
    mapping(AssetId asset => mapping(address buyer => bytes32)) private _agreements;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        ILicenseDesk desk,
        IRevenueGraph graph,
        uint40 deliveryWindow_,
        uint40 disputeWindow_
    ) {
        _ledger = ledger;
        _registry = registry;
        _desk = desk;
        _graph = graph;
        _deliveryWindow = deliveryWindow_;
        _disputeWindow = disputeWindow_;
    }

    /* SALE */

    /// @inheritdoc IKeyExchange
    function open(
        AssetId asset,
        TermsId terms,
        uint256 maxPrice,
        uint32 maxShare,
        uint40 minDuration,
        uint256 keyX,
        uint256 keyY
    ) external returns (bytes32 dealId) {
        if (!Secp256k1.isPoint(keyX, keyY)) revert KeyExchange_BadPoint(keyX, keyY);
        Deal memory deal = Deal(asset, address(0), msg.sender, keyX, keyY, uint40(block.timestamp));
        Sale memory sale;
        AssetKind kind;
        (deal.seller, sale.consentEpoch, kind) = _registry.saleInfo(asset);
        if (deal.seller == msg.sender) revert KeyExchange_SellerBuys(msg.sender);
        dealId = dealIdOf(deal);
        _requireFree(dealId, asset, sale.consentEpoch);
        (sale.price, sale.term) = _desk.quote(asset, deal.seller, terms, maxPrice, maxShare, minDuration);

        sale.stage = Stage.Open;
        sale.deadline = deal.openedAt + _deliveryWindow;
        sale.terms = terms;
        sale.derived = kind != AssetKind.CAPTURE;
        _sales[asset][msg.sender] = sale;
        _agreements[asset][msg.sender] = dealId;

        emit SaleOpened(dealId, asset, msg.sender, deal, sale);
        _collect(sale.price);
    }

    /// @inheritdoc IKeyExchange
    function deliver(Deal calldata deal, Delivery calldata delivery) external {
        (bytes32 dealId, Sale memory sale) = _opened(deal);
        if (msg.sender != deal.seller) revert KeyExchange_NotSeller(deal.seller, msg.sender);
        if (block.timestamp >= sale.deadline) revert KeyExchange_TooLate(sale.deadline);
        if (!Secp256k1.isPoint(delivery.ephemeralX, delivery.ephemeralY)) {
            revert KeyExchange_BadPoint(delivery.ephemeralX, delivery.ephemeralY);
        }

        uint40 deadline = uint40(block.timestamp) + _disputeWindow;
        Sale storage stored = _sales[deal.asset][deal.buyer];
        (stored.stage, stored.deadline) = (Stage.Delivered, deadline);
        _agreements[deal.asset][deal.buyer] = _deliveryId(dealId, delivery);

        emit KeyDelivered(dealId, deal.asset, deal.buyer, delivery, deadline);
    }

    /// @inheritdoc IKeyExchange
    function settle(Deal calldata deal, Delivery calldata delivery) external {
        (bytes32 dealId, Sale memory sale) = _delivered(deal, delivery);
        if (block.timestamp < sale.deadline) revert KeyExchange_TooEarly(sale.deadline);

        uint40 until = _licenseEnd(sale.term);
        Sale storage stored = _sales[deal.asset][deal.buyer];
        (stored.stage, stored.term) = (Stage.Settled, until);
        delete _agreements[deal.asset][deal.buyer];

        emit SaleSettled(dealId, deal.asset, deal.buyer, sale.price, until);
        if (sale.price == 0) return;
        if (!sale.derived) return _ledger.release(deal.seller, sale.price);
        _ledger.move(address(_graph), sale.price);
        _graph.credit(deal.asset, deal.buyer, sale.price, dealId);
    }

    /* WAYS OUT */

    /// @inheritdoc IKeyExchange
    function timeoutRefund(Deal calldata deal) external {
        (bytes32 dealId, Sale memory sale) = _opened(deal);
        if (block.timestamp < sale.deadline) revert KeyExchange_TooEarly(sale.deadline);

        _refund(dealId, deal, sale.price, NO_DELIVERY);
    }

    /// @inheritdoc IKeyExchange
    function consentRefund(Deal calldata deal, Delivery calldata delivery) external {
        bool open_ = _sales[deal.asset][deal.buyer].stage == Stage.Open;
        (bytes32 dealId, Sale memory sale) = open_ ? _opened(deal) : _delivered(deal, delivery);
        (, uint32 epoch,) = _registry.saleInfo(deal.asset);
        if (epoch == sale.consentEpoch) revert KeyExchange_ConsentStands(epoch);

        _refund(dealId, deal, sale.price, CONSENT_REVOKED);
    }

    /// @inheritdoc IKeyExchange
    function disputeKey(
        Deal calldata deal,
        Delivery calldata delivery,
        AssetCommitment calldata commitment,
        uint256 secret,
        uint256 sharedX,
        uint256 sharedY
    ) external {
        (bytes32 dealId, Sale memory sale) = _delivered(deal, delivery);
        if (msg.sender != deal.buyer) revert KeyExchange_NotBuyer(deal.buyer, msg.sender);
        if (block.timestamp >= sale.deadline) revert KeyExchange_TooLate(sale.deadline);
        AssetId committed = AssetId.wrap(keccak256(abi.encode(commitment)));
        if (committed != deal.asset) revert KeyExchange_WrongCommitment(deal.asset, committed);
        if (!Secp256k1.isProduct(secret, Secp256k1.GX, Secp256k1.GY, deal.keyX, deal.keyY)) {
            revert KeyExchange_WrongSecret();
        }
        if (!Secp256k1.isProduct(secret, delivery.ephemeralX, delivery.ephemeralY, sharedX, sharedY)) {
            revert KeyExchange_WrongSharedPoint();
        }
        bytes32 rootKey = delivery.wrapped ^ keccak256(abi.encode(WRAP, dealId, sharedX));
        bytes32 keyCommit = keccak256(abi.encodePacked(KEY, rootKey));
        if (keyCommit == commitment.keyCommit) revert KeyExchange_KeyIsRight(keyCommit);

        _refund(dealId, deal, sale.price, WRONG_KEY);
    }

    /* VIEWS */

    /// @inheritdoc IKeyExchange
    function saleOf(AssetId asset, address buyer) external view returns (Sale memory) {
        return _sales[asset][buyer];
    }

    /// @inheritdoc IKeyExchange
    function agreementOf(AssetId asset, address buyer) external view returns (bytes32) {
        return _agreements[asset][buyer];
    }

    /// @inheritdoc IKeyExchange
    function dealIdOf(Deal memory deal) public view returns (bytes32) {
        return keccak256(abi.encode(DEAL, block.chainid, address(this), deal));
    }

    /// @inheritdoc IKeyExchange
    function deliveryWindow() external view returns (uint40) {
        return _deliveryWindow;
    }

    /// @inheritdoc IKeyExchange
    function disputeWindow() external view returns (uint40) {
        return _disputeWindow;
    }

    /* PRIVATE */

    /// @dev Nothing may be running between this asset and the caller, and no license they hold may still be good. A sale that
    ///      ended this very second blocks a new one, so that no deal id can ever come back.
    function _requireFree(bytes32 dealId, AssetId asset, uint32 epoch) private view {
        Sale memory last = _sales[asset][msg.sender];
        if (last.stage == Stage.Open || last.stage == Stage.Delivered) {
            revert KeyExchange_WrongStage(dealId, uint8(last.stage));
        }
        if (last.stage == Stage.Refunded && last.deadline >= block.timestamp) revert KeyExchange_TooEarly(last.deadline);
        if (last.stage == Stage.Settled && last.consentEpoch == epoch && block.timestamp < last.term) {
            revert KeyExchange_AlreadyLicensed(asset, msg.sender, last.term);
        }
    }

    /// @dev The deal's id and its sale, which must be Open with exactly this deal.
    function _opened(Deal calldata deal) private view returns (bytes32 dealId, Sale memory sale) {
        (dealId, sale) = _at(deal, Stage.Open);
        _requireAgreed(deal, dealId);
    }

    /// @dev The deal's id and its sale, which must be Delivered with exactly this deal and delivery.
    function _delivered(Deal calldata deal, Delivery calldata delivery)
        private
        view
        returns (bytes32 dealId, Sale memory sale)
    {
        (dealId, sale) = _at(deal, Stage.Delivered);
        _requireAgreed(deal, _deliveryId(dealId, delivery));
    }

    function _at(Deal calldata deal, Stage stage) private view returns (bytes32 dealId, Sale memory sale) {
        dealId = dealIdOf(deal);
        sale = _sales[deal.asset][deal.buyer];
        if (sale.stage != stage) revert KeyExchange_WrongStage(dealId, uint8(sale.stage));
    }

    function _requireAgreed(Deal calldata deal, bytes32 given) private view {
        bytes32 expected = _agreements[deal.asset][deal.buyer];
        if (given != expected) revert KeyExchange_WrongDeal(expected, given);
    }

    function _deliveryId(bytes32 dealId, Delivery calldata delivery) private pure returns (bytes32) {
        return keccak256(abi.encode(dealId, delivery));
    }

    /// @dev When a license that starts now ends. Never overflows: a settlement must not fail for what an offer said.
    function _licenseEnd(uint40 duration) private view returns (uint40) {
        uint256 until = block.timestamp + duration;
        return duration == 0 || until > type(uint40).max ? type(uint40).max : uint40(until);
    }

    /// @dev Takes the price from the buyer's wallet. A token that takes a fee cannot pay for a fair sale.
    function _collect(uint256 price) private {
        if (price == 0) return;
        uint256 received = _ledger.collect(msg.sender, price);
        if (received != price) revert KeyExchange_ShortPaid(received, price);
    }

    /// @dev The one door to Refunded. `deadline` becomes the second of the end.
    function _refund(bytes32 dealId, Deal calldata deal, uint256 price, uint8 reason) private {
        Sale storage stored = _sales[deal.asset][deal.buyer];
        (stored.stage, stored.deadline) = (Stage.Refunded, uint40(block.timestamp));
        delete _agreements[deal.asset][deal.buyer];

        emit SaleRefunded(dealId, deal.asset, deal.buyer, price, reason);
        if (price != 0) _ledger.release(deal.buyer, price);
    }
}
