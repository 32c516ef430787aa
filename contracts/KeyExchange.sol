// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ICovenants} from "./interfaces/ICovenants.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {AssetHead} from "./libraries/AssetHead.sol";
import {BadLeaf} from "./libraries/BadLeaf.sol";
import {KeyRange} from "./libraries/KeyRange.sol";
import {KeyTree} from "./libraries/KeyTree.sol";
import {Licensing} from "./libraries/Licensing.sol";
import {SaleSlot} from "./libraries/SaleSlot.sol";
import {Secp256k1} from "./libraries/Secp256k1.sol";
import {AssetCommitment, AssetKind, BatchLeaf} from "./types/Assets.sol";
import {AssetId} from "./types/Ids.sol";
import {LeafOpening} from "./types/Leaves.sol";
import {Deal, Delivery, Order, Sale, Stage} from "./types/Licenses.sol";

/// @title Fair sales: see IKeyExchange.
contract KeyExchange is IKeyExchange {
    using AssetHead for uint256;
    using SaleSlot for uint256;

    bytes32 private constant DEAL = "thenar.deal/1";
    bytes32 private constant WRAP = "thenar.wrap/1";
    uint256 private constant WHOLE_BPS = 10_000;
    uint8 private constant NO_DELIVERY = 1;
    uint8 private constant WRONG_KEY = 2;
    uint8 private constant CONSENT_REVOKED = 3;
    uint8 private constant BAD_LEAF = 4;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ILicenseDesk private immutable _desk;
    IRevenueGraph private immutable _graph;
    IEscrow private immutable _escrow;
    ICovenants private immutable _covenants;
    uint40 private immutable _deliveryWindow;
    uint40 private immutable _disputeWindow;

    /// @dev Keyed by the asset, or by KeyRange.licensed for a part of it.
    mapping(AssetId licensed => mapping(address buyer => uint256 slot)) private _sales;
    mapping(address seller => address keeper) private _keepers;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        ILicenseDesk desk,
        IRevenueGraph graph,
        IEscrow escrow,
        ICovenants covenants,
        uint40 deliveryWindow_,
        uint40 disputeWindow_
    ) {
        _ledger = ledger;
        _registry = registry;
        _desk = desk;
        _graph = graph;
        _escrow = escrow;
        _covenants = covenants;
        _deliveryWindow = deliveryWindow_;
        _disputeWindow = disputeWindow_;
    }

    /* SALE */

    /// @inheritdoc IKeyExchange
    function open(Order calldata order) external returns (bytes32 dealId) {
        Deal memory deal = _dealOf(order);
        if (deal.batch == order.asset) revert KeyExchange_BatchSold(order.asset);
        deal.asset = order.asset;

        return _open(deal);
    }

    /// @inheritdoc IKeyExchange
    function openLeaf(Order calldata order, BatchLeaf calldata leaf) external returns (bytes32 dealId) {
        (AssetId member, AssetId batch,,) = _registry.leafInfo(leaf);
        if (batch != order.asset) revert KeyExchange_NotOfBatch(order.asset, member);
        Deal memory deal = _dealOf(order);
        deal.asset = member;

        return _open(deal);
    }

    /// @inheritdoc IKeyExchange
    function deliver(Deal calldata deal, Delivery calldata delivery) external {
        (bytes32 dealId, uint40 deadline) = _opened(deal);
        if (msg.sender != deal.seller && msg.sender != _keepers[deal.seller]) {
            revert KeyExchange_NotSeller(deal.seller, msg.sender);
        }
        if (block.timestamp >= deadline) revert KeyExchange_TooLate(deadline);
        if (!Secp256k1.isPoint(delivery.ephemeralX, delivery.ephemeralY)) {
            revert KeyExchange_BadPoint(delivery.ephemeralX, delivery.ephemeralY);
        }

        deadline = uint40(block.timestamp) + _disputeWindow;
        _sales[_licensed(deal)][deal.buyer] =
            SaleSlot.running(Stage.Delivered, deadline, keccak256(abi.encode(dealId, delivery)));

        emit KeyDelivered(dealId, deal.asset, deal.buyer, delivery, deadline);
    }

    /// @inheritdoc IKeyExchange
    function settle(Deal calldata deal, Delivery calldata delivery) external {
        (bytes32 dealId, uint40 deadline) = _delivered(deal, delivery);
        if (block.timestamp < deadline) revert KeyExchange_TooEarly(deadline);

        _settle(dealId, deal, deal.bond, deal.bond);
    }

    /// @inheritdoc IKeyExchange
    function appoint(address keeper) external {
        _keepers[msg.sender] = keeper;

        emit KeeperAppointed(msg.sender, keeper);
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
        bool open_ = _sales[_licensed(deal)][deal.buyer].stageOf() == Stage.Open;
        (bytes32 dealId, uint40 deadline) = open_ ? _opened(deal) : _delivered(deal, delivery);
        uint32 withdrawn = _withdrawnAt(deal);
        if (withdrawn == 0) revert KeyExchange_ConsentStands(deal.consentEpoch);
        if (!open_ && block.timestamp < deadline && msg.sender != deal.buyer) revert KeyExchange_TooEarly(deadline);

        _refund(dealId, deal, open_ && withdrawn >= deadline ? NO_DELIVERY : CONSENT_REVOKED);
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
        bytes32 dealId = _disputed(deal, delivery);
        if (deal.range != 0) revert KeyExchange_NoKeyCommit(deal.range);
        _requireCommitment(deal, commitment);
        bytes32 key = _unwrap(dealId, deal, delivery, secret, sharedX, sharedY);

        if (KeyTree.commitOf(key) != commitment.keyCommit) _refund(dealId, deal, WRONG_KEY);
        else _failComplaint(dealId, deal);
    }

    /// @inheritdoc IKeyExchange
    function disputeChunk(
        Deal calldata deal,
        Delivery calldata delivery,
        AssetCommitment calldata commitment,
        uint256 secret,
        uint256 sharedX,
        uint256 sharedY,
        LeafOpening calldata opening
    ) external {
        bytes32 dealId = _disputed(deal, delivery);
        _requireCommitment(deal, commitment);
        bytes32 key = _unwrap(dealId, deal, delivery, secret, sharedX, sharedY);

        if (deal.range == 0 && KeyTree.commitOf(key) != commitment.keyCommit) return _refund(dealId, deal, WRONG_KEY);
        key = KeyTree.chunkKey(key, deal.range, opening.chunk, BadLeaf.chunkCount(commitment.size));
        if (BadLeaf.isBad(commitment, key, opening)) _refund(dealId, deal, BAD_LEAF);
        else _failComplaint(dealId, deal);
    }

    /// @inheritdoc IKeyExchange
    function endLicense(AssetId licensed, address buyer) external {
        if (msg.sender != address(_desk)) revert KeyExchange_NotDesk(msg.sender);
        uint256 slot = _sales[licensed][buyer];
        Sale memory sale = slot.read();
        if (sale.stage != Stage.Settled || sale.term <= block.timestamp) {
            revert KeyExchange_NoLicense(licensed, buyer);
        }

        _sales[licensed][buyer] = slot.endedNow();
    }

    /* VIEWS */

    /// @inheritdoc IKeyExchange
    function saleOf(AssetId licensed, address buyer) external view returns (Sale memory) {
        return _sales[licensed][buyer].read();
    }

    /// @inheritdoc IKeyExchange
    function agreementOf(AssetId licensed, address buyer) external view returns (bytes32) {
        uint256 slot = _sales[licensed][buyer];
        return slot.stageOf() == Stage.Settled ? bytes32(0) : SaleSlot.cut(bytes32(slot));
    }

    /// @inheritdoc IKeyExchange
    function dealIdOf(Deal calldata deal) public view returns (bytes32) {
        return keccak256(abi.encode(DEAL, block.chainid, address(this), deal));
    }

    /// @inheritdoc IKeyExchange
    function keeperOf(address seller) external view returns (address) {
        return _keepers[seller];
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

    /// @dev What the order comes to at the owner's standing offer, but for the asset: of a batch only members are sold.
    function _dealOf(Order calldata order) private view returns (Deal memory deal) {
        uint256 head = _registry.headOf(order.asset);
        (deal.seller, deal.consentEpoch) = (head.ownerOf(), head.epochOf());
        if (deal.seller == msg.sender) revert KeyExchange_SellerBuys(msg.sender);
        if (head.kindOf() == AssetKind.BATCH) deal.batch = order.asset;
        else deal.derived = head.kindOf() != AssetKind.CAPTURE;
        uint256 bondBps;
        (deal.price, deal.duration, bondBps, deal.exclusive) = _desk.quote(order, deal.seller, msg.sender);
        (deal.buyer, deal.terms, deal.range) = (msg.sender, order.terms, order.range);
        (deal.keyX, deal.keyY, deal.openedAt) = (order.keyX, order.keyY, uint40(block.timestamp));
        deal.bond = uint96(deal.price * bondBps / WHOLE_BPS); // at most the price, which fits
    }

    function _open(Deal memory deal) private returns (bytes32 dealId) {
        if (!Secp256k1.isPoint(deal.keyX, deal.keyY)) revert KeyExchange_BadPoint(deal.keyX, deal.keyY);
        AssetId licensed = KeyRange.licensed(deal.asset, deal.range);
        dealId = keccak256(abi.encode(DEAL, block.chainid, address(this), deal));
        Sale memory former = _formerSale(dealId, licensed, deal.consentEpoch);

        uint40 deadline = deal.openedAt + _deliveryWindow;
        _sales[licensed][msg.sender] = SaleSlot.running(Stage.Open, deadline, dealId);

        emit SaleOpened(dealId, deal.asset, msg.sender, deal, deadline);
        if (former.stage == Stage.Settled) _covenants.noteFormer(licensed, msg.sender, former.terms, former.deadline);
        if (deal.exclusive) _covenants.reserveExclusive(deal.asset, msg.sender);
        if (deal.bond != 0) _ledger.lock(deal.seller, deal.bond);
        _collect(uint256(deal.price) + deal.bond);
    }

    /// @dev When the consent a deal is under was withdrawn; 0 while it stands.
    function _withdrawnAt(Deal calldata deal) private view returns (uint32) {
        return _registry.withdrawnAt(deal.asset, deal.batch, deal.consentEpoch);
    }

    function _licensed(Deal calldata deal) private pure returns (AssetId) {
        return KeyRange.licensed(deal.asset, deal.range);
    }

    /// @dev The caller's last sale of this asset. Nothing may be running, and no license they hold may still be good. A sale or a license
    ///      that ended this very second blocks a new one: no deal id can come back, and no stream begins when it has ended.
    function _formerSale(bytes32 dealId, AssetId licensed, uint32 epoch) private view returns (Sale memory last) {
        last = _sales[licensed][msg.sender].read();
        if (last.stage == Stage.Open || last.stage == Stage.Delivered) {
            revert KeyExchange_WrongStage(dealId, uint8(last.stage));
        }
        if (last.stage == Stage.Refunded && last.deadline >= block.timestamp) revert KeyExchange_TooEarly(last.deadline);
        bool stands = last.term == block.timestamp || last.consentEpoch == epoch && block.timestamp < last.term;
        if (stands) revert KeyExchange_AlreadyLicensed(licensed, msg.sender, last.term); // 0 unless settled
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
        uint256 slot = _sales[_licensed(deal)][deal.buyer];
        if (slot.stageOf() != stage) revert KeyExchange_WrongStage(dealId, uint8(slot.stageOf()));
        (bytes32 kept, bytes32 cut) = (SaleSlot.cut(bytes32(slot)), SaleSlot.cut(given));
        if (cut != kept) revert KeyExchange_WrongDeal(kept, cut);
        return slot.deadlineOf();
    }

    /// @dev Takes price and bond from the buyer's wallet. A token that takes a fee cannot pay for a fair sale.
    function _collect(uint256 amount) private {
        if (amount == 0) return;
        uint256 received = _ledger.collect(msg.sender, amount);
        if (received != amount) revert KeyExchange_ShortPaid(received, amount);
    }

    /// @dev The id of a deal whose buyer complains in time.
    function _disputed(Deal calldata deal, Delivery calldata delivery) private view returns (bytes32 dealId) {
        uint40 deadline;
        (dealId, deadline) = _delivered(deal, delivery);
        if (msg.sender != deal.buyer) revert KeyExchange_NotBuyer(deal.buyer, msg.sender);
        if (block.timestamp >= deadline) revert KeyExchange_TooLate(deadline);
    }

    function _requireCommitment(Deal calldata deal, AssetCommitment calldata commitment) private pure {
        AssetId committed = AssetId.wrap(keccak256(abi.encode(commitment)));
        if (committed != deal.asset) revert KeyExchange_WrongCommitment(deal.asset, committed);
    }

    /// @dev The key that was delivered, from the buyer's one-time secret and the point both sides can work out.
    function _unwrap(
        bytes32 dealId,
        Deal calldata deal,
        Delivery calldata delivery,
        uint256 secret,
        uint256 sharedX,
        uint256 sharedY
    ) private pure returns (bytes32) {
        if (!Secp256k1.isProduct(secret, Secp256k1.GX, Secp256k1.GY, deal.keyX, deal.keyY)) {
            revert KeyExchange_WrongSecret();
        }
        if (!Secp256k1.isProduct(secret, delivery.ephemeralX, delivery.ephemeralY, sharedX, sharedY)) {
            revert KeyExchange_WrongSharedPoint();
        }
        return delivery.wrapped ^ keccak256(abi.encode(WRAP, dealId, sharedX));
    }

    /// @dev The key was right, or the leaf was good: the buyer's bond is the seller's, and there is nothing left to wait for.
    function _failComplaint(bytes32 dealId, Deal calldata deal) private {
        emit ComplaintFailed(dealId, deal.asset, deal.buyer, deal.bond);
        _settle(dealId, deal, 2 * uint256(deal.bond), 0);
    }

    /// @dev The one door to Settled. `toSeller` and `toBuyer` are how the bonds go.
    function _settle(bytes32 dealId, Deal calldata deal, uint256 toSeller, uint256 toBuyer) private {
        uint32 withdrawn = _withdrawnAt(deal);
        if (withdrawn != 0) revert KeyExchange_ConsentRevoked(deal.consentEpoch, withdrawn);

        uint40 until = Licensing.later(block.timestamp, deal.duration); // never overflows: a settlement must not fail
        _sales[_licensed(deal)][deal.buyer] = SaleSlot.settled(deal, until);

        emit SaleSettled(dealId, deal.asset, deal.buyer, deal.price, until);
        if (deal.exclusive) _covenants.takeExclusive(deal.asset, deal.buyer, until);
        toSeller += _pay(dealId, deal, until);
        if (toSeller != 0) _ledger.release(deal.seller, toSeller);
        if (toBuyer != 0) _ledger.release(deal.buyer, toBuyer);
    }

    /// @dev Time is paid for as it passes: the price of a license with an end waits in the Escrow. Returns what is the seller's now.
    function _pay(bytes32 dealId, Deal calldata deal, uint40 until) private returns (uint256 toSeller) {
        if (deal.price == 0) return 0;
        if (until != Licensing.WITHOUT_END) {
            _ledger.move(address(_escrow), deal.price);
            _escrow.start(Licensing.streamOf(deal, until));
        } else if (deal.derived) {
            _ledger.move(address(_graph), deal.price);
            _graph.credit(deal.asset, deal.buyer, deal.price, dealId);
        } else {
            return deal.price;
        }
    }

    /// @dev The one door to Refunded. The buyer has back what he laid down; the seller only when he did nothing wrong.
    function _refund(bytes32 dealId, Deal calldata deal, uint8 reason) private {
        _sales[_licensed(deal)][deal.buyer] = SaleSlot.refunded(block.timestamp);

        emit SaleRefunded(dealId, deal.asset, deal.buyer, deal.price, reason);
        if (deal.exclusive) _covenants.dropExclusive(deal.asset, deal.buyer, true);
        uint256 back = uint256(deal.price) + deal.bond;
        if (deal.bond != 0) {
            if (reason == CONSENT_REVOKED) _ledger.release(deal.seller, deal.bond);
            else back += deal.bond;
        }
        if (back != 0) _ledger.release(deal.buyer, back);
    }
}
