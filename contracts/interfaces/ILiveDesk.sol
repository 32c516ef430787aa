// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "../types/Ids.sol";
import {LiveStream, StreamId, Subscription} from "../types/Live.sol";

/// @title Live streams, paid by the second.
/// @notice A subscriber leaves a deposit; from the next epoch on his debt grows every second. The key of an epoch is handed over beside
///         the chain when the epoch has ended, so a seller who stops delivering is noticed within an epoch and `stop` brings back the rest.
/// @dev The desk cannot see data or keys. It bounds what each side can lose: the subscriber what runs between the last good epoch and
///      his `stop`; the seller nothing, because the deposit covers all debt.
///      A withdrawal of consent (`revokeAll` of the asset) stops all debt at its time and the stream for good.
interface ILiveDesk {
    /// @notice A stream begins. `opened` says everything about it.
    event LiveOpened(StreamId indexed stream, AssetId indexed asset, address indexed seller, LiveStream opened);
    /// @notice No debt grows after `closedAt`, which may lie in the past when consent was withdrawn.
    event LiveClosed(StreamId indexed stream, uint40 closedAt);
    /// @notice An account subscribed; epoch keys are wrapped to its one-time secp256k1 key, as in a sale.
    /// @param since when debt begins: the start of the next epoch
    event Subscribed(
        StreamId indexed stream, address indexed subscriber, uint40 since, uint88 deposit, uint256 keyX, uint256 keyY
    );
    /// @notice A running subscription can last longer.
    /// @param deposit all of it now
    event ToppedUp(StreamId indexed stream, address indexed subscriber, uint88 deposit);
    /// @notice Debt was paid out to the seller while the subscription goes on.
    /// @param paid all of it so far
    event LivePaid(StreamId indexed stream, address indexed subscriber, uint88 amount, uint88 paid);
    /// @notice A subscription ended and was settled.
    /// @param until the end of what was paid for, exclusive
    /// @param paid what the seller had in all
    /// @param rest what came back to the subscriber
    event Unsubscribed(StreamId indexed stream, address indexed subscriber, uint40 until, uint88 paid, uint88 rest);

    error LiveDesk_NotOwner(AssetId asset, address caller);
    error LiveDesk_NotCapture(AssetId asset);
    error LiveDesk_Exclusive(AssetId asset);
    error LiveDesk_BadEpoch(uint32 epochSeconds, uint32 longest);
    error LiveDesk_Free();
    error LiveDesk_BelowFloor(uint256 epochPrice, uint96 floor);
    error LiveDesk_Unknown(StreamId stream);
    error LiveDesk_Ended(StreamId stream, uint40 at);
    error LiveDesk_RateAbove(uint88 rate, uint88 maxRate);
    error LiveDesk_DepositTooSmall(uint88 deposit, uint256 smallest);
    error LiveDesk_TooLong(uint256 seconds_, uint40 maximum);
    error LiveDesk_ShortPaid(uint256 received, uint88 amount);
    error LiveDesk_Runs(StreamId stream, address subscriber);
    error LiveDesk_NotRunning(StreamId stream, address subscriber);
    error LiveDesk_NothingDue(StreamId stream, address subscriber);
    error LiveDesk_NotParty(StreamId stream, address caller);

    /// @notice The owner of a capture opens a stream that continues it.
    /// @dev Terms that are exclusive are refused, and so is a capture that is exclusively licensed: a stream has many subscribers.
    ///      The terms' floor binds the price of one epoch.
    /// @param rate settlement token units a second, not 0
    /// @param epochSeconds 1 to 86,400
    function openStream(AssetId asset, TermsId terms, uint88 rate, uint32 epochSeconds) external returns (StreamId stream);

    /// @notice Ends a stream for all: its seller and the asset's owner now; after a withdrawal of consent anybody, as of then.
    function close(StreamId stream) external;

    /// @notice Subscribes the caller with a deposit that lasts for at least one epoch.
    /// @dev Only while the seller owns the asset. A subscription that has ended must be settled by `stop` before the next one.
    ///      The terms' maximum duration bounds how long the deposit may last.
    /// @param deposit settlement token units, from the caller's wallet
    /// @param maxRate refuse to pay more a second
    /// @param keyX x of the caller's one-time secp256k1 key; a key that is none harms only him
    function subscribe(StreamId stream, uint88 deposit, uint88 maxRate, uint256 keyX, uint256 keyY) external;

    /// @notice Adds to the deposit of the caller's running subscription, while it lasts.
    function topUp(StreamId stream, uint88 amount) external;

    /// @notice Settles a subscription: debt to the seller's account, the rest to the subscriber's, at once.
    /// @dev Subscriber and seller at any time; anybody once its deposit is used up or the stream has ended. Never pausable.
    function stop(StreamId stream, address subscriber) external;

    /// @notice Pays out to the seller what a running subscription owes by now. Anybody may pay the gas.
    function collect(StreamId stream, address subscriber) external;

    /// @notice A stream as stored. Reverts for an unknown one.
    function streamOf(StreamId stream) external view returns (LiveStream memory);

    /// @notice A subscription as stored; all zero when there never was one.
    function subscriptionOf(StreamId stream, address subscriber) external view returns (Subscription memory);

    /// @notice What a running subscription owes by now in all, paid out or not; once settled what it paid.
    function debtOf(StreamId stream, address subscriber) external view returns (uint88);

    /// @notice The time a subscription has paid for or still can: from `since` to before `until`. Both 0 when there never was one.
    function coverOf(StreamId stream, address subscriber) external view returns (uint40 since, uint40 until);

    /// @notice Whether `who` may use what was streamed at `at` for every purpose bit in `purposes`.
    /// @dev False once consent was withdrawn, and for no purpose. True for the seller.
    function isAllowed(StreamId stream, address who, uint16 purposes, uint40 at) external view returns (bool);

    /// @notice How many streams were opened; they are numbered from 1.
    function count() external view returns (uint64);
}
