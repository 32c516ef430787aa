// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {SaleSlot} from "./libraries/SaleSlot.sol";
import {Secp256k1} from "./libraries/Secp256k1.sol";
import {AssetCommitment, AssetKind} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {Deal, Delivery, Sale, Stage} from "./types/Licenses.sol";

/// @title Fair sales: see IKeyExchange.
contract KeyExchange is IKeyExchange {
    using SaleSlot for uint256;

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

    mapping(AssetId asset => mapping(address buyer => uint256 slot)) private _sales;

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
        Deal memory deal;
        AssetKind kind;
        (deal.seller, deal.consentEpoch, kind) = _registry.saleInfo(asset);
        if (deal.seller == msg.sender) revert KeyExchange_SellerBuys(msg.sender);
        (deal.price, deal.duration) = _desk.quote(asset, deal.seller, terms, maxPrice, maxShare, minDuration);
        (deal.asset, deal.buyer, deal.terms) = (asset, msg.sender, terms);
        (deal.keyX, deal.keyY, deal.openedAt) = (keyX, keyY, uint40(block.timestamp));
        deal.derived = kind != AssetKind.CAPTURE;
        dealId = keccak256(abi.encode(DEAL, block.chainid, address(this), deal));
        _requireFree(dealId, asset, deal.consentEpoch);

        uint40 deadline = deal.openedAt + _deliveryWindow;
        _sales[asset][msg.sender] = SaleSlot.running(Stage.Open, deadline, dealId);

        emit SaleOpened(dealId, asset, msg.sender, deal, deadline);
        _collect(deal.price);
    }

    /// @inheritdoc IKeyExchange
    function deliver(Deal calldata deal, Delivery calldata delivery) external {
        (bytes32 dealId, uint40 deadline) = _opened(deal);
        if (msg.sender != deal.seller) revert KeyExchange_NotSeller(deal.seller, msg.sender);
        if (block.timestamp >= deadline) revert KeyExchange_TooLate(deadline);
        if (!Secp256k1.isPoint(delivery.ephemeralX, delivery.ephemeralY)) {
            revert KeyExchange_BadPoint(delivery.ephemeralX, delivery.ephemeralY);
        }

        deadline = uint40(block.timestamp) + _disputeWindow;
        _sales[deal.asset][deal.buyer] =
            SaleSlot.running(Stage.Delivered, deadline, keccak256(abi.encode(dealId, delivery)));

        emit KeyDelivered(dealId, deal.asset, deal.buyer, delivery, deadline);
    }

    /// @inheritdoc IKeyExchange
    function settle(Deal calldata deal, Delivery calldata delivery) external {
        (bytes32 dealId, uint40 deadline) = _delivered(deal, delivery);
        if (block.timestamp < deadline) revert KeyExchange_TooEarly(deadline);
        (, uint32 epoch,) = _registry.saleInfo(deal.asset);
        if (epoch != deal.consentEpoch) revert KeyExchange_ConsentRevoked(deal.consentEpoch, epoch);

        uint40 until = _licenseEnd(deal.duration);
        _sales[deal.asset][deal.buyer] = SaleSlot.settled(deal, until);

        emit SaleSettled(dealId, deal.asset, deal.buyer, deal.price, until);
        if (deal.price == 0) return;
        if (!deal.derived) return _ledger.release(deal.seller, deal.price);
        _ledger.move(address(_graph), deal.price);
        _graph.credit(deal.asset, deal.buyer, deal.price, dealId);
    }

    /* WAYS OUT */

    /// @inheritdoc IKeyExchange
    function timeoutRefund(Deal calldata deal) external {
        (bytes32 dealId, uint40 deadline) = _opened(deal);
        if (block.timestamp < deadline) revert KeyExchange_TooEarly(deadline);

        _refund(dealId, deal, NO_DELIVERY);
    }

    /// @inheritdoc IKeyExchange
    function consentRefund(Deal calldata deal, Delivery calldata delivery) external {
        bool open_ = _sales[deal.asset][deal.buyer].stageOf() == Stage.Open;
        (bytes32 dealId,) = open_ ? _opened(deal) : _delivered(deal, delivery);
        (, uint32 epoch,) = _registry.saleInfo(deal.asset);
        if (epoch == deal.consentEpoch) revert KeyExchange_ConsentStands(epoch);

        _refund(dealId, deal, CONSENT_REVOKED);
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
        (bytes32 dealId, uint40 deadline) = _delivered(deal, delivery);
        if (msg.sender != deal.buyer) revert KeyExchange_NotBuyer(deal.buyer, msg.sender);
        if (block.timestamp >= deadline) revert KeyExchange_TooLate(deadline);
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

        _refund(dealId, deal, WRONG_KEY);
    }

    /* VIEWS */

    /// @inheritdoc IKeyExchange
    function saleOf(AssetId asset, address buyer) external view returns (Sale memory) {
        return _sales[asset][buyer].read();
    }

    /// @inheritdoc IKeyExchange
    function agreementOf(AssetId asset, address buyer) external view returns (bytes32) {
        uint256 slot = _sales[asset][buyer];
        return slot.stageOf() == Stage.Settled ? bytes32(0) : SaleSlot.cut(bytes32(slot));
    }

    /// @inheritdoc IKeyExchange
    function dealIdOf(Deal calldata deal) public view returns (bytes32) {
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
        uint256 slot = _sales[asset][msg.sender];
        if (slot == 0) return;
        Sale memory last = slot.read();
        if (last.stage == Stage.Open || last.stage == Stage.Delivered) {
            revert KeyExchange_WrongStage(dealId, uint8(last.stage));
        }
        if (last.stage == Stage.Refunded && last.deadline >= block.timestamp) revert KeyExchange_TooEarly(last.deadline);
        if (last.stage == Stage.Settled && last.consentEpoch == epoch && block.timestamp < last.term) {
            revert KeyExchange_AlreadyLicensed(asset, msg.sender, last.term);
        }
    }

    /// @dev A deal's id and deadline. Its sale must be Open with exactly this deal.
    function _opened(Deal calldata deal) private view returns (bytes32 dealId, uint40 deadline) {
        dealId = dealIdOf(deal);
        deadline = _requireAgreed(deal, Stage.Open, dealId, dealId);
    }

    /// @dev A deal's id and deadline. Its sale must be Delivered with exactly this deal and delivery.
    function _delivered(Deal calldata deal, Delivery calldata delivery)
        private
        view
        returns (bytes32 dealId, uint40 deadline)
    {
        dealId = dealIdOf(deal);
        deadline = _requireAgreed(deal, Stage.Delivered, dealId, keccak256(abi.encode(dealId, delivery)));
    }

    function _requireAgreed(Deal calldata deal, Stage stage, bytes32 dealId, bytes32 given)
        private
        view
        returns (uint40 deadline)
    {
        uint256 slot = _sales[deal.asset][deal.buyer];
        if (slot.stageOf() != stage) revert KeyExchange_WrongStage(dealId, uint8(slot.stageOf()));
        (bytes32 kept, bytes32 cut) = (SaleSlot.cut(bytes32(slot)), SaleSlot.cut(given));
        if (cut != kept) revert KeyExchange_WrongDeal(kept, cut);
        return slot.deadlineOf();
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

    /// @dev The one door to Refunded.
    function _refund(bytes32 dealId, Deal calldata deal, uint8 reason) private {
        _sales[deal.asset][deal.buyer] = SaleSlot.refunded(block.timestamp);

        emit SaleRefunded(dealId, deal.asset, deal.buyer, deal.price, reason);
        if (deal.price != 0) _ledger.release(deal.buyer, deal.price);
    }
}
