// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {IKeyExchange} from "./interfaces/IKeyExchange.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILicenseDesk} from "./interfaces/ILicenseDesk.sol";
import {IRevenueGraph} from "./interfaces/IRevenueGraph.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {AssetKind} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {Grant, Offer, Sale, Stage} from "./types/Licenses.sol";

/// @title Offers, licenses that need no key delivery, and the one question everybody asks: may they?
contract LicenseDesk is ILicenseDesk {
    /// @dev An offer as kept: with what a sale must check, so that it reads one slot and no terms. One slot.
    struct Standing {
        uint96 price; // settlement token units
        uint40 duration; // seconds; 0 means without end
        uint40 expiresAt; // unix seconds, exclusive
        uint32 share; // derivative share of the terms, parts per million
        uint32 consentEpoch; // the asset's epoch when it was offered
    }

    uint40 private constant _WITHOUT_END = type(uint40).max;
    /// @dev Names this contract's sales in the RevenueGraph's `Paid` events.
    bytes32 private constant _SALE_REF = "thenar.license/1";

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ITermsBook private immutable _book;
    IKeyExchange private immutable _exchange;
    IRevenueGraph private immutable _graph;

    mapping(AssetId asset => mapping(address seller => mapping(TermsId terms => Standing))) private _offers;
    mapping(AssetId asset => mapping(address licensee => Grant)) private _grants;

    constructor(ILedger ledger, IAssetRegistry registry, ITermsBook book, IKeyExchange exchange, IRevenueGraph graph) {
        _ledger = ledger;
        _registry = registry;
        _book = book;
        _exchange = exchange;
        _graph = graph;
    }

    /* OFFERING */

    /// @inheritdoc ILicenseDesk
    function offer(AssetId asset, TermsId terms, Offer calldata offer_) external {
        uint32 consentEpoch = _epochForOwner(asset);
        (uint32 share, uint96 floor, uint40 maximum) = _limits(terms);
        if (offer_.price < floor) revert LicenseDesk_BelowFloor(offer_.price, floor);
        if (maximum != 0 && (offer_.duration == 0 || offer_.duration > maximum)) {
            revert LicenseDesk_TooLong(offer_.duration, maximum);
        }
        if (offer_.expiresAt <= block.timestamp) revert LicenseDesk_Expired(offer_.expiresAt);

        _offers[asset][msg.sender][terms] =
            Standing(offer_.price, offer_.duration, offer_.expiresAt, share, consentEpoch);

        emit Offered(asset, msg.sender, terms, offer_);
    }

    /// @inheritdoc ILicenseDesk
    function closeOffer(AssetId asset, TermsId terms) external {
        if (_offers[asset][msg.sender][terms].expiresAt == 0) revert LicenseDesk_NoOffer(asset, msg.sender, terms);

        delete _offers[asset][msg.sender][terms];

        emit OfferClosed(asset, msg.sender, terms);
    }

    /* LICENSING */

    /// @inheritdoc ILicenseDesk
    function grant(AssetId asset, address licensee, TermsId terms, uint40 until) external {
        uint32 consentEpoch = _epochForOwner(asset);
        if (until <= block.timestamp) revert LicenseDesk_Expired(until);
        Grant memory given = Grant(until, consentEpoch, terms, uint40(block.timestamp));
        _checkProlongs(asset, licensee, given);

        _grants[asset][licensee] = given;

        emit LicenseGranted(asset, licensee, given, 0);
    }

    /// @inheritdoc ILicenseDesk
    function buy(AssetId asset, TermsId terms, uint256 maxPrice, uint32 maxShare, uint40 minDuration) external {
        (address owner, uint32 consentEpoch, AssetKind kind) = _registry.saleInfo(asset);
        Standing memory standing = _standing(asset, owner, terms, consentEpoch);
        _checkGuards(standing, maxPrice, maxShare, minDuration);
        uint40 until = _boughtUntil(asset, terms, standing);

        Grant memory bought = Grant(until, consentEpoch, terms, uint40(block.timestamp));
        _grants[asset][msg.sender] = bought;

        emit LicenseGranted(asset, msg.sender, bought, standing.price);
        if (standing.price != 0) _pay(asset, owner, kind, standing.price);
    }

    /* VIEWS */

    /// @inheritdoc ILicenseDesk
    function quote(
        AssetId asset,
        address seller,
        TermsId terms,
        uint256 maxPrice,
        uint32 maxShare,
        uint40 minDuration
    ) external view returns (uint96 price, uint40 duration) {
        (address owner, uint32 consentEpoch,) = _registry.saleInfo(asset);
        if (seller != owner) revert LicenseDesk_NoOffer(asset, seller, terms);
        Standing memory standing = _standing(asset, seller, terms, consentEpoch);
        _checkGuards(standing, maxPrice, maxShare, minDuration);
        return (standing.price, standing.duration);
    }

    /// @inheritdoc ILicenseDesk
    function isAllowed(AssetId asset, address who, uint16 purposes, uint40 at) external view returns (bool) {
        (address owner, uint32 consentEpoch,) = _registry.saleInfo(asset);
        if (purposes == 0) return false;
        if (who == owner) return true;

        uint16 permitted;
        Grant memory given = _grants[asset][who];
        if (given.consentEpoch == consentEpoch && _covers(_endOf(given), at)) permitted |= _purposes(given.terms);
        Sale memory sale = _exchange.saleOf(asset, who);
        if (sale.stage == Stage.Settled && sale.consentEpoch == consentEpoch && _covers(sale.term, at)) {
            permitted |= _purposes(sale.terms);
        }
        return permitted & purposes == purposes;
    }

    /// @inheritdoc ILicenseDesk
    function offerOf(AssetId asset, address seller, TermsId terms) external view returns (Offer memory) {
        Standing storage standing = _offers[asset][seller][terms];
        return Offer(standing.price, standing.duration, standing.expiresAt);
    }

    /// @inheritdoc ILicenseDesk
    function grantOf(AssetId asset, address licensee) external view returns (Grant memory) {
        return _grants[asset][licensee];
    }

    /* PRIVATE */

    function _epochForOwner(AssetId asset) private view returns (uint32) {
        (address owner, uint32 consentEpoch,) = _registry.saleInfo(asset);
        if (owner != msg.sender) revert LicenseDesk_NotOwner(asset, msg.sender);
        return consentEpoch;
    }

    function _limits(TermsId terms) private view returns (uint32 share, uint96 floor, uint40 maximum) {
        uint16 purposes;
        (purposes, share, floor, maximum,) = _book.limitsOf(terms);
        if (purposes == 0) revert ITermsBook.TermsBook_Unknown(terms);
    }

    function _purposes(TermsId terms) private view returns (uint16 purposes) {
        (purposes,,,,) = _book.limitsOf(terms);
    }

    /// @dev The owner's offer, if it stands now and consent has not been withdrawn since.
    function _standing(AssetId asset, address owner, TermsId terms, uint32 consentEpoch)
        private
        view
        returns (Standing memory standing)
    {
        standing = _offers[asset][owner][terms];
        if (standing.expiresAt <= block.timestamp || standing.consentEpoch != consentEpoch) {
            revert LicenseDesk_NoOffer(asset, owner, terms);
        }
    }

    function _checkGuards(Standing memory standing, uint256 maxPrice, uint32 maxShare, uint40 minDuration) private pure {
        if (standing.price > maxPrice) revert LicenseDesk_PriceAbove(standing.price, maxPrice);
        if (standing.share > maxShare) revert LicenseDesk_ShareAbove(standing.share, maxShare);
        if (standing.duration != 0 && standing.duration < minDuration) {
            revert LicenseDesk_TooShort(standing.duration, minDuration);
        }
    }

    /// @dev When a license bought now would end. Reverts when the buyer would lose by it or gain nothing.
    function _boughtUntil(AssetId asset, TermsId terms, Standing memory standing) private view returns (uint40 until) {
        Grant storage old = _grants[asset][msg.sender];
        uint40 end = _runsUntil(old, standing.consentEpoch);
        if (end == 0) return _after(block.timestamp, standing.duration);

        bool renews = old.terms == terms;
        until = _after(renews ? end : block.timestamp, standing.duration);
        bool keeps = renews ? until > end : until >= end && _includes(terms, old.terms);
        if (!keeps) revert LicenseDesk_LicenseRuns(asset, msg.sender, old.terms, end);
        (,, uint40 maximum) = _limits(terms);
        uint40 left = until - uint40(block.timestamp);
        if (maximum != 0 && left > maximum) revert LicenseDesk_TooLong(left, maximum);
    }

    /// @dev A gift takes nothing away: while a license runs it can only prolong it under the same terms.
    function _checkProlongs(AssetId asset, address licensee, Grant memory given) private view {
        Grant storage old = _grants[asset][licensee];
        if (old.until <= block.timestamp) return; // also when there is none: the one read a newcomer costs

        uint40 end = _runsUntil(old, given.consentEpoch);
        if (end != 0 && (old.terms != given.terms || _endOf(given) <= end)) {
            revert LicenseDesk_LicenseRuns(asset, licensee, old.terms, end);
        }
    }

    /// @dev When a license that runs now ends; 0 when it does not run.
    function _runsUntil(Grant storage given, uint32 consentEpoch) private view returns (uint40) {
        if (given.until <= block.timestamp || given.consentEpoch != consentEpoch) return 0;
        uint40 end = _endOf(given);
        return end > block.timestamp ? end : 0;
    }

    /// @dev When a license ends by time: never later than its terms allow; 0 when they were written after it or not at all.
    function _endOf(Grant memory given) private view returns (uint40) {
        (uint16 purposes,,, uint40 maximum, uint40 writtenAt) = _book.limitsOf(given.terms);
        if (purposes == 0 || writtenAt > given.since) return 0;
        bool within = maximum == 0 || given.until - given.since <= maximum;
        return within ? given.until : given.since + maximum;
    }

    /// @dev Sums beyond the largest time count as without end.
    function _after(uint256 start, uint40 duration) private pure returns (uint40) {
        uint256 end = start + duration;
        return duration == 0 || end > _WITHOUT_END ? _WITHOUT_END : uint40(end);
    }

    /// @dev Whether some terms permit every purpose that others permit.
    function _includes(TermsId terms, TermsId others) private view returns (bool) {
        return _purposes(others) & ~_purposes(terms) == 0;
    }

    function _covers(uint40 until, uint40 at) private pure returns (bool) {
        return at < until || until == _WITHOUT_END;
    }

    /// @dev Called last: outside code, the token's, may run in `collect`. Whatever arrives above the price goes along.
    function _pay(AssetId asset, address owner, AssetKind kind, uint256 price) private {
        uint256 received = _ledger.collect(msg.sender, price);
        if (received < price) revert LicenseDesk_ShortPaid(received, price);
        if (kind == AssetKind.CAPTURE) {
            _ledger.release(owner, received);
        } else {
            _ledger.move(address(_graph), received);
            _graph.credit(asset, msg.sender, received, _SALE_REF);
        }
    }
}
