// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ICovenants} from "./interfaces/ICovenants.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {AssetHead} from "./libraries/AssetHead.sol";
import {KeyRange} from "./libraries/KeyRange.sol";
import {Licensing} from "./libraries/Licensing.sol";
import {AssetKind} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {Ends, Grant, Offer, Order, Sale, Stage, Standing, Stream} from "./types/Licenses.sol";

/// @title Offers, licenses that need no key delivery, and the one question everybody asks: may they?
contract LicenseDesk is ILicenseDesk {
    using AssetHead for uint256;
    using Checkpoints for Checkpoints.Trace208;
    using Licensing for ITermsBook;
    using Licensing for Standing;

    uint16 private constant _WHOLE_BPS = 10_000;
    /// @dev Names this contract's sales in the RevenueGraph's `Paid` events.
    bytes32 private constant _SALE_REF = "thenar.license/1";

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ITermsBook private immutable _book;
    IKeyExchange private immutable _exchange;
    IRevenueGraph private immutable _graph;
    IEscrow private immutable _escrow;
    ICovenants private immutable _covenants;

    /// @dev Keyed by the asset, or by KeyRange.licensed for a part of it.
    mapping(AssetId licensed => mapping(address seller => mapping(TermsId terms => Standing))) private _offers;
    mapping(AssetId asset => mapping(address licensee => Grant)) private _grants;
    mapping(AssetId licensed => mapping(address licensee => Ends)) private _ends;
    /// @dev The endings before the last ones, by their times.
    mapping(AssetId licensed => mapping(address licensee => mapping(bool sold => Checkpoints.Trace208))) private _earlier;

    constructor(
        ILedger ledger,
        IAssetRegistry registry,
        ITermsBook book,
        IKeyExchange exchange,
        IRevenueGraph graph,
        IEscrow escrow,
        ICovenants covenants
    ) {
        _ledger = ledger;
        _registry = registry;
        _book = book;
        _exchange = exchange;
        _graph = graph;
        _escrow = escrow;
        _covenants = covenants;
    }

    /* OFFERING */

    /// @inheritdoc ILicenseDesk
    function offer(AssetId asset, TermsId terms, uint64 range, Offer calldata offer_) external {
        uint256 head = _headForOwner(asset);
        (uint32 share, uint96 floor, uint40 maximum, bool exclusive) = _limits(terms);
        if (offer_.price < floor) revert LicenseDesk_BelowFloor(offer_.price, floor);
        if (exclusive && (range != 0 || head.kindOf() == AssetKind.BATCH)) revert LicenseDesk_ExclusivePart(asset, range);
        if (maximum != 0 && (offer_.duration == 0 || offer_.duration > maximum)) {
            revert LicenseDesk_TooLong(offer_.duration, maximum);
        }
        if (offer_.expiresAt <= block.timestamp) revert LicenseDesk_Expired(offer_.expiresAt);
        if (offer_.bondBps > _WHOLE_BPS) revert LicenseDesk_BondTooLarge(offer_.bondBps);

        _offers[KeyRange.licensed(asset, range)][msg.sender][terms] = Standing({
            price: offer_.price,
            duration: offer_.duration,
            expiresAt: offer_.expiresAt,
            share: uint24(share), // at most a million, as the TermsBook sees to
            consentEpoch: head.epochOf(),
            bondBps: offer_.bondBps,
            exclusive: exclusive
        });

        emit Offered(asset, msg.sender, terms, range, offer_);
    }

    /// @inheritdoc ILicenseDesk
    function closeOffer(AssetId asset, TermsId terms, uint64 range) external {
        AssetId licensed = KeyRange.licensed(asset, range);
        if (_offers[licensed][msg.sender][terms].expiresAt == 0) revert LicenseDesk_NoOffer(licensed, msg.sender, terms);

        delete _offers[licensed][msg.sender][terms];

        emit OfferClosed(asset, msg.sender, terms, range);
    }

    /* LICENSING */

    /// @inheritdoc ILicenseDesk
    function grant(AssetId asset, address licensee, TermsId terms, uint40 until) external {
        uint256 head = _headForOwner(asset);
        if (until <= block.timestamp) revert LicenseDesk_Expired(until);
        if (head.isExclusive()) _covenants.requireOpen(asset, licensee);
        Grant memory given = Grant(until, head.epochOf(), terms, uint40(block.timestamp), 0);
        _prolong(asset, licensee, given);

        _give(asset, licensee, given);
    }

    /// @inheritdoc ILicenseDesk
    function buy(AssetId asset, TermsId terms, uint256 maxPrice, uint32 maxShare, uint40 minDuration) external {
        uint256 head = _registry.headOf(asset);
        Standing memory standing = _standing(asset, head.ownerOf(), terms, head.epochOf());
        standing.check(maxPrice, maxShare, minDuration);
        _checkCovenants(asset, head, msg.sender, standing.price);
        if (_ends[asset][msg.sender].granted == block.timestamp) revert LicenseDesk_JustEnded(asset, msg.sender);
        (Grant memory bought, uint40 since) = _bought(asset, terms, standing);

        _give(asset, msg.sender, bought);
        if (standing.exclusive) _covenants.takeExclusive(asset, msg.sender, bought.until);
        if (standing.price != 0) _pay(asset, head, bought, since, standing.price);
    }

    /* ENDING */

    /// @inheritdoc ILicenseDesk
    function revokeOne(AssetId asset, uint64 range, address licensee) external {
        uint256 head = _headForOwner(asset);
        AssetId licensed = KeyRange.licensed(asset, range);
        (bool granted, uint256 back) = range == 0 ? _endGrant(asset, licensee, head.epochOf()) : (false, 0);
        (bool sold, uint256 more) = _endSale(licensed, licensee, head.epochOf());
        if (!granted && !sold) revert LicenseDesk_NoLicense(licensed, licensee);
        back += more;

        _noteEnd(licensed, licensee, granted, sold);

        emit LicenseEnded(asset, licensee, range, back);
        if (head.isExclusive() && range == 0) { // a part was never sold exclusively
            if (granted) _covenants.dropExclusive(asset, licensee, false);
            if (sold) _covenants.dropExclusive(asset, licensee, true);
        }
        if (back != 0) _ledger.release(licensee, _collect(back));
    }

    /// @inheritdoc ILicenseDesk
    function setExpiry(AssetId asset, address licensee, uint40 until) external {
        uint256 head = _headForOwner(asset);
        if (until <= block.timestamp) revert LicenseDesk_Expired(until);
        Grant storage given = _grants[asset][licensee];
        uint40 end = _book.runsUntil(given, head.epochOf());
        if (end == 0) revert LicenseDesk_NoLicense(asset, licensee);
        if (given.price != 0 && (until <= end || until == Licensing.WITHOUT_END)) {
            revert LicenseDesk_LicenseRuns(asset, licensee, given.terms, end);
        }
        if (until > end && head.isExclusive()) _covenants.requireOpen(asset, licensee);

        given.until = until;

        emit ExpirySet(asset, licensee, until);
    }

    /* VIEWS */

    /// @inheritdoc ILicenseDesk
    function quote(Order calldata order, address seller, address buyer)
        external
        view
        returns (uint96 price, uint40 duration, uint16 bondBps, bool exclusive)
    {
        uint256 head = _registry.headOf(order.asset);
        if (seller != head.ownerOf()) revert LicenseDesk_NoOffer(order.asset, seller, order.terms);
        AssetId licensed = KeyRange.licensed(order.asset, order.range);
        Standing memory standing = _standing(licensed, seller, order.terms, head.epochOf());
        standing.check(order.maxPrice, order.maxShare, order.minDuration);
        _checkCovenants(order.asset, head, buyer, standing.price);
        return (standing.price, standing.duration, standing.bondBps, standing.exclusive);
    }

    /// @inheritdoc ILicenseDesk
    function isAllowed(AssetId asset, address who, uint16 purposes, uint40 at) external view returns (bool) {
        (address owner, uint32 consentEpoch,,,) = _registry.saleInfo(asset);
        if (purposes == 0) return false;
        if (who == owner) return true;

        uint16 permitted = _grantPermits(asset, who, consentEpoch, at) | _salePermits(asset, who, consentEpoch, at);
        return permitted & purposes == purposes;
    }

    /// @inheritdoc ILicenseDesk
    function isAllowedRange(AssetId asset, uint64 range, address who, uint16 purposes, uint40 at)
        external
        view
        returns (bool)
    {
        (address owner, uint32 consentEpoch,,,) = _registry.saleInfo(asset);
        KeyRange.licensed(asset, range); // refuses what is no part, whoever asks
        if (purposes == 0) return false;
        if (who == owner) return true;

        uint16 permitted = _grantPermits(asset, who, consentEpoch, at) | _salePermits(asset, who, consentEpoch, at);
        for (; range > 1; range >>= 1) {
            permitted |= _salePermits(KeyRange.licensed(asset, range), who, consentEpoch, at);
        }
        return permitted & purposes == purposes;
    }

    /// @inheritdoc ILicenseDesk
    function offerOf(AssetId asset, address seller, TermsId terms, uint64 range) external view returns (Offer memory) {
        Standing storage standing = _offers[KeyRange.licensed(asset, range)][seller][terms];
        return Offer(standing.price, standing.duration, standing.expiresAt, standing.bondBps);
    }

    /// @inheritdoc ILicenseDesk
    function endedAt(AssetId licensed, address licensee, uint40 since)
        external
        view
        returns (uint40 granted, uint40 sold)
    {
        Ends memory ends = _ends[licensed][licensee];
        granted = Licensing.firstEnd(_earlier[licensed][licensee][false], ends.granted, since);
        sold = Licensing.firstEnd(_earlier[licensed][licensee][true], ends.sold, since);
    }

    /// @inheritdoc ILicenseDesk
    function grantOf(AssetId asset, address licensee) external view returns (Grant memory) {
        return _grants[asset][licensee];
    }

    /* PRIVATE */

    function _headForOwner(AssetId asset) private view returns (uint256 head) {
        head = _registry.headOf(asset);
        if (head.ownerOf() != msg.sender) revert LicenseDesk_NotOwner(asset, msg.sender);
    }

    function _limits(TermsId terms) private view returns (uint32 share, uint96 floor, uint40 maximum, bool exclusive) {
        uint16 purposes;
        (purposes, share, floor, maximum,, exclusive) = _book.limitsOf(terms);
        if (purposes == 0) revert ITermsBook.TermsBook_Unknown(terms);
    }

    function _grantPermits(AssetId asset, address who, uint32 consentEpoch, uint40 at) private view returns (uint16) {
        Grant memory given = _grants[asset][who];
        bool good = given.consentEpoch == consentEpoch && Licensing.covers(_book.endOf(given), at);
        return good ? _book.purposesOf(given.terms) : 0;
    }

    function _salePermits(AssetId licensed, address who, uint32 consentEpoch, uint40 at) private view returns (uint16) {
        Sale memory sale = _exchange.saleOf(licensed, who);
        bool good = sale.stage == Stage.Settled && sale.consentEpoch == consentEpoch && Licensing.covers(sale.term, at);
        return good ? _book.purposesOf(sale.terms) : 0;
    }

    /// @dev The owner's offer, if it stands now and consent has not been withdrawn since.
    function _standing(AssetId licensed, address owner, TermsId terms, uint32 consentEpoch)
        private
        view
        returns (Standing memory standing)
    {
        standing = _offers[licensed][owner][terms];
        if (standing.expiresAt <= block.timestamp || standing.consentEpoch != consentEpoch) {
            revert LicenseDesk_NoOffer(licensed, owner, terms);
        }
    }

    /// @dev What others were promised: nobody else, and for something derived not below this price.
    function _checkCovenants(AssetId asset, uint256 head, address buyer, uint96 price) private view {
        if (head.isExclusive()) _covenants.requireOpen(asset, buyer);
        if (!_isDerived(head)) return;
        uint96 floor = _covenants.floorOf(asset);
        if (price < floor) revert LicenseDesk_BelowFloor(price, floor);
    }

    function _isDerived(uint256 head) private pure returns (bool) {
        return head.kindOf() != AssetKind.CAPTURE && head.kindOf() != AssetKind.BATCH;
    }

    /// @dev A license bought now, and when the time it pays for begins. Reverts when the buyer would lose by it or gain nothing.
    function _bought(AssetId asset, TermsId terms, Standing memory standing)
        private
        view
        returns (Grant memory bought, uint40 since)
    {
        Grant storage old = _grants[asset][msg.sender];
        uint40 end = _book.runsUntil(old, standing.consentEpoch);
        bool renews = end != 0 && old.terms == terms;
        since = renews ? end : uint40(block.timestamp);
        uint40 until = Licensing.later(since, standing.duration);
        bought = Grant(until, standing.consentEpoch, terms, uint40(block.timestamp), standing.price);
        if (end == 0) return (bought, since);

        bool keeps = renews ? until > end : until >= end && _book.includes(terms, old.terms);
        if (!keeps) revert LicenseDesk_LicenseRuns(asset, msg.sender, old.terms, end);
        (,, uint40 maximum,) = _limits(terms);
        uint40 left = until - uint40(block.timestamp);
        if (maximum != 0 && left > maximum) revert LicenseDesk_TooLong(left, maximum);
        if ((until == Licensing.WITHOUT_END) == (end == Licensing.WITHOUT_END)) bought.price += old.price;
    }

    /// @dev A gift takes nothing away: while a license runs it can only prolong it under the same terms, and what was paid for
    ///      stays so. Bought time never turns into time without end, because what was paid for the two is kept in different places.
    function _prolong(AssetId asset, address licensee, Grant memory given) private view {
        Grant storage old = _grants[asset][licensee];
        if (old.until <= block.timestamp) return; // also when there is none: the one read a newcomer costs

        uint40 end = _book.runsUntil(old, given.consentEpoch);
        if (end == 0) return;
        given.price = old.price;
        bool turns = given.price != 0 && given.until == Licensing.WITHOUT_END;
        if (turns || old.terms != given.terms || _book.endOf(given) <= end) {
            revert LicenseDesk_LicenseRuns(asset, licensee, old.terms, end);
        }
    }

    /// @dev Takes the place of an older license. One that was paid for is not forgotten.
    function _give(AssetId asset, address licensee, Grant memory given) private {
        Grant memory old = _grants[asset][licensee];
        if (old.price != 0) _covenants.noteFormer(asset, licensee, old.terms, old.since);

        _grants[asset][licensee] = given;

        emit LicenseGranted(asset, licensee, given);
    }

    /// @dev Ends a license that came without a key. What was paid for time without end is to be paid back; the Escrow returns the rest.
    function _endGrant(AssetId asset, address licensee, uint32 consentEpoch) private returns (bool runs, uint256 back) {
        Grant storage given = _grants[asset][licensee];
        runs = _book.runsUntil(given, consentEpoch) != 0;
        if (!runs) return (false, 0);
        if (given.until == Licensing.WITHOUT_END) back = given.price;

        given.until = uint40(block.timestamp);
    }

    function _endSale(AssetId licensed, address licensee, uint32 consentEpoch) private returns (bool runs, uint256 back) {
        Sale memory sale = _exchange.saleOf(licensed, licensee);
        runs = sale.stage == Stage.Settled && sale.consentEpoch == consentEpoch && sale.term > block.timestamp;
        if (!runs) return (false, 0);
        if (sale.term == Licensing.WITHOUT_END) back = sale.price;

        _exchange.endLicense(licensed, licensee);
    }

    /// @dev Keeps the ending before, if there was one: somebody's money may still be waiting for its holder since then.
    function _noteEnd(AssetId licensed, address licensee, bool granted, bool sold) private {
        Ends storage ends = _ends[licensed][licensee];
        (uint40 now_, uint40 lastGranted, uint40 lastSold) = (uint40(block.timestamp), ends.granted, ends.sold);
        if (granted && lastGranted != 0) _earlier[licensed][licensee][false].push(lastGranted, lastGranted);
        if (sold && lastSold != 0) _earlier[licensed][licensee][true].push(lastSold, lastSold);
        if (granted) ends.granted = now_;
        if (sold) ends.sold = now_;
    }

    /// @dev Called last: outside code, the token's, may run in `collect`. Whatever arrives above the amount goes along.
    function _collect(uint256 amount) private returns (uint256 received) {
        received = _ledger.collect(msg.sender, amount);
        if (received < amount) revert LicenseDesk_ShortPaid(received, amount);
    }

    /// @dev Time is paid for as it passes, time without end at once.
    function _pay(AssetId asset, uint256 head, Grant memory bought, uint40 since, uint256 price) private {
        uint256 received = _collect(price);
        if (bought.until != Licensing.WITHOUT_END) {
            _ledger.move(address(_escrow), received);
            _escrow.start(_streamOf(asset, head, bought, since, SafeCast.toUint96(received)));
        } else if (!_isDerived(head)) {
            _ledger.release(head.ownerOf(), received);
        } else {
            _ledger.move(address(_graph), received);
            _graph.credit(asset, msg.sender, received, _SALE_REF);
        }
    }

    function _streamOf(AssetId asset, uint256 head, Grant memory bought, uint40 since, uint96 price)
        private
        view
        returns (Stream memory)
    {
        return Stream({
            asset: asset,
            batch: AssetId.wrap(0),
            range: 0,
            source: address(this),
            licensee: msg.sender,
            seller: head.ownerOf(),
            price: price,
            boughtAt: bought.since,
            since: since,
            until: bought.until,
            consentEpoch: bought.consentEpoch,
            derived: _isDerived(head)
        });
    }
}
