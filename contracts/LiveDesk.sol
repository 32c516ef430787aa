// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAssetRegistry} from "./interfaces/IAssetRegistry.sol";
import {ILedger} from "./interfaces/ILedger.sol";
import {ILiveDesk} from "./interfaces/ILiveDesk.sol";
import {ITermsBook} from "./interfaces/ITermsBook.sol";
import {AssetKind} from "./types/Assets.sol";
import {AssetId, TermsId} from "./types/Ids.sol";
import {LiveStream, StreamId, Subscription} from "./types/Live.sol";

/// @title Live streams, paid by the second.
contract LiveDesk is ILiveDesk {
    uint32 private constant _LONGEST_EPOCH = 1 days;
    uint40 private constant _LAST_TIME = type(uint40).max;

    ILedger private immutable _ledger;
    IAssetRegistry private immutable _registry;
    ITermsBook private immutable _book;

    uint64 private _count;
    mapping(StreamId stream => LiveStream) private _streams;
    mapping(StreamId stream => mapping(address subscriber => Subscription)) private _subscriptions;

    constructor(ILedger ledger, IAssetRegistry registry, ITermsBook book) {
        _ledger = ledger;
        _registry = registry;
        _book = book;
    }

    /* STREAMING */

    /// @inheritdoc ILiveDesk
    function openStream(AssetId asset, TermsId terms, uint88 rate, uint32 epochSeconds) external returns (StreamId stream) {
        (address owner, uint32 consentEpoch, AssetKind kind,, bool taken) = _registry.saleInfo(asset);
        if (owner != msg.sender) revert LiveDesk_NotOwner(asset, msg.sender);
        if (kind != AssetKind.CAPTURE) revert LiveDesk_NotCapture(asset);
        if (epochSeconds == 0 || epochSeconds > _LONGEST_EPOCH) revert LiveDesk_BadEpoch(epochSeconds, _LONGEST_EPOCH);
        if (rate == 0) revert LiveDesk_Free();
        (uint16 purposes,, uint96 floor,,, bool exclusive) = _book.limitsOf(terms);
        if (purposes == 0) revert ITermsBook.TermsBook_Unknown(terms);
        if (taken || exclusive) revert LiveDesk_Exclusive(asset);
        uint256 epochPrice = uint256(rate) * epochSeconds;
        if (epochPrice < floor) revert LiveDesk_BelowFloor(epochPrice, floor);

        stream = StreamId.wrap(++_count);
        LiveStream memory opened =
            LiveStream(asset, msg.sender, rate, terms, consentEpoch, epochSeconds, uint40(block.timestamp), 0);
        _streams[stream] = opened;

        emit LiveOpened(stream, asset, msg.sender, opened);
    }

    /// @inheritdoc ILiveDesk
    function close(StreamId stream) external {
        LiveStream memory found = _known(stream);
        if (found.closedAt != 0) revert LiveDesk_Ended(stream, found.closedAt);
        (address owner,,,,) = _registry.saleInfo(found.asset);
        uint40 closedAt = _withdrawnAt(found);
        bool withdrawn = closedAt != 0;
        if (!withdrawn && msg.sender != found.seller && msg.sender != owner) revert LiveDesk_NotParty(stream, msg.sender);

        if (!withdrawn) closedAt = uint40(block.timestamp);
        _streams[stream].closedAt = closedAt;

        emit LiveClosed(stream, closedAt);
    }

    /* SUBSCRIBING */

    /// @inheritdoc ILiveDesk
    function subscribe(StreamId stream, uint88 deposit, uint88 maxRate, uint256 keyX, uint256 keyY) external {
        LiveStream memory found = _known(stream);
        _checkOpen(stream, found);
        if (found.rate > maxRate) revert LiveDesk_RateAbove(found.rate, maxRate);
        uint256 smallest = uint256(found.rate) * found.epochSeconds;
        if (deposit < smallest) revert LiveDesk_DepositTooSmall(deposit, smallest);
        _checkLength(found, deposit);
        Subscription storage mine = _subscriptions[stream][msg.sender];
        if (_runs(mine)) revert LiveDesk_Runs(stream, msg.sender);

        uint40 since = _nextEpoch(found);
        _subscriptions[stream][msg.sender] = Subscription(since, 0, deposit, 0);

        emit Subscribed(stream, msg.sender, since, deposit, keyX, keyY);
        _take(deposit);
    }

    /// @inheritdoc ILiveDesk
    function topUp(StreamId stream, uint88 amount) external {
        LiveStream memory found = _known(stream);
        Subscription memory mine = _running(stream, msg.sender);
        uint40 until = _paidThrough(found, mine);
        if (until <= block.timestamp) revert LiveDesk_Ended(stream, until);
        uint88 deposit = mine.deposit + amount;
        _checkLength(found, deposit);

        _subscriptions[stream][msg.sender].deposit = deposit;

        emit ToppedUp(stream, msg.sender, deposit);
        _take(amount);
    }

    /// @inheritdoc ILiveDesk
    function stop(StreamId stream, address subscriber) external {
        LiveStream memory found = _known(stream);
        Subscription memory ended = _running(stream, subscriber);
        uint40 until = _paidThrough(found, ended);
        bool isParty = msg.sender == subscriber || msg.sender == found.seller;
        if (!isParty && until > block.timestamp) revert LiveDesk_NotParty(stream, msg.sender);

        if (until > block.timestamp) until = uint40(block.timestamp);
        if (until < ended.since) until = ended.since;
        uint88 debt = _debt(found, ended);
        _subscriptions[stream][subscriber] = Subscription(ended.since, until, debt, debt);

        emit Unsubscribed(stream, subscriber, until, debt, ended.deposit - debt);
        if (debt != ended.paid) _ledger.release(found.seller, debt - ended.paid);
        if (debt != ended.deposit) _ledger.release(subscriber, ended.deposit - debt);
    }

    /// @inheritdoc ILiveDesk
    function collect(StreamId stream, address subscriber) external {
        LiveStream memory found = _known(stream);
        Subscription memory running = _running(stream, subscriber);
        uint88 debt = _debt(found, running);
        if (debt == running.paid) revert LiveDesk_NothingDue(stream, subscriber);

        _subscriptions[stream][subscriber].paid = debt;

        emit LivePaid(stream, subscriber, debt - running.paid, debt);
        _ledger.release(found.seller, debt - running.paid);
    }

    /* VIEWS */

    /// @inheritdoc ILiveDesk
    function streamOf(StreamId stream) external view returns (LiveStream memory) {
        return _known(stream);
    }

    /// @inheritdoc ILiveDesk
    function subscriptionOf(StreamId stream, address subscriber) external view returns (Subscription memory) {
        return _subscriptions[stream][subscriber];
    }

    /// @inheritdoc ILiveDesk
    function debtOf(StreamId stream, address subscriber) external view returns (uint88) {
        Subscription memory found = _subscriptions[stream][subscriber];
        return found.until != 0 || found.since == 0 ? found.paid : _debt(_known(stream), found);
    }

    /// @inheritdoc ILiveDesk
    function coverOf(StreamId stream, address subscriber) external view returns (uint40 since, uint40 until) {
        return _cover(_known(stream), _subscriptions[stream][subscriber]);
    }

    /// @inheritdoc ILiveDesk
    function isAllowed(StreamId stream, address who, uint16 purposes, uint40 at) external view returns (bool) {
        LiveStream memory found = _known(stream);
        (, uint32 consentEpoch,,,) = _registry.saleInfo(found.asset);
        if (purposes == 0 || consentEpoch != found.consentEpoch) return false;
        if (who == found.seller) return true;
        (uint40 since, uint40 until) = _cover(found, _subscriptions[stream][who]);
        return since <= at && at < until && _book.permits(found.terms, purposes);
    }

    /// @inheritdoc ILiveDesk
    function count() external view returns (uint64) {
        return _count;
    }

    /* PRIVATE */

    function _known(StreamId stream) private view returns (LiveStream memory found) {
        found = _streams[stream];
        if (found.seller == address(0)) revert LiveDesk_Unknown(stream);
    }

    function _runs(Subscription memory found) private pure returns (bool) {
        return found.since != 0 && found.until == 0;
    }

    function _running(StreamId stream, address subscriber) private view returns (Subscription memory found) {
        found = _subscriptions[stream][subscriber];
        if (!_runs(found)) revert LiveDesk_NotRunning(stream, subscriber);
    }

    /// @dev A newcomer needs a stream that goes on, under consent, of somebody who still owns what he streams.
    function _checkOpen(StreamId stream, LiveStream memory found) private view {
        (address owner,,,, bool taken) = _registry.saleInfo(found.asset);
        if (owner != found.seller) revert LiveDesk_NotOwner(found.asset, found.seller);
        if (taken) revert LiveDesk_Exclusive(found.asset);
        uint40 end = _endOf(found);
        if (end != _LAST_TIME) revert LiveDesk_Ended(stream, end);
    }

    /// @dev A license never lasts longer than its terms allow, and here it lasts as long as the deposit.
    function _checkLength(LiveStream memory found, uint88 deposit) private view {
        (,,, uint40 maximum,,) = _book.limitsOf(found.terms);
        uint256 lasts = deposit / found.rate;
        if (maximum != 0 && lasts > maximum) revert LiveDesk_TooLong(lasts, maximum);
    }

    /// @dev When a stream ended: closed, or consent withdrawn, whichever was first; the last time of all while it goes on.
    function _endOf(LiveStream memory found) private view returns (uint40 end) {
        end = found.closedAt == 0 ? _LAST_TIME : found.closedAt;
        uint40 withdrawn = _withdrawnAt(found);
        if (withdrawn != 0 && withdrawn < end) end = withdrawn;
    }

    /// @dev When the consent it was opened under was withdrawn; 0 while it stands.
    function _withdrawnAt(LiveStream memory found) private view returns (uint40) {
        return _registry.withdrawnAt(found.asset, AssetId.wrap(0), found.consentEpoch);
    }

    /// @dev The start of the epoch that begins now or next, so that nobody pays for a piece he gets no key for.
    function _nextEpoch(LiveStream memory found) private view returns (uint40) {
        uint256 elapsed = block.timestamp - found.openedAt;
        uint256 begun = (elapsed + found.epochSeconds - 1) / found.epochSeconds;
        return uint40(found.openedAt + begun * found.epochSeconds);
    }

    /// @dev How far a running subscription's deposit lasts, or the stream if that ends sooner.
    function _paidThrough(LiveStream memory found, Subscription memory running) private view returns (uint40) {
        uint256 lasts = running.since + uint256(running.deposit / found.rate);
        uint40 end = _endOf(found);
        return lasts < end ? uint40(lasts) : end;
    }

    function _cover(LiveStream memory found, Subscription memory one) private view returns (uint40 since, uint40 until) {
        since = one.since;
        until = _runs(one) ? _paidThrough(found, one) : one.until;
        if (until < since) until = since;
    }

    /// @dev Per second from `since`, to the end of the stream at most, and never above the deposit.
    function _debt(LiveStream memory found, Subscription memory running) private view returns (uint88) {
        uint256 end = _endOf(found);
        if (end > block.timestamp) end = block.timestamp;
        if (end <= running.since) return 0;
        uint256 debt = (end - running.since) * found.rate;
        return debt < running.deposit ? uint88(debt) : running.deposit;
    }

    /// @dev Called last: outside code, the token's, may run in `collect`. What arrives above the amount is the payer's.
    function _take(uint88 amount) private {
        uint256 received = _ledger.collect(msg.sender, amount);
        if (received < amount) revert LiveDesk_ShortPaid(received, amount);
        if (received > amount) _ledger.release(msg.sender, received - amount);
    }
}
