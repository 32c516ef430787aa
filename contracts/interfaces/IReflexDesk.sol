// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "../types/Ids.sol";
import {Channel, ChannelId, Service, SignedAnswer} from "../types/Reflex.sol";

/// @title The reflex arc: calls of a model near a robot, paid by vouchers.
/// @notice A node lays down stake and serves a model. A client puts a deposit into a channel to it; his robot signs vouchers, each
///         over all that is owed so far, beside the chain. One redemption pays for any number of calls: the share of the channel to
///         the model's node in the RevenueGraph, so that whoever contributed to it earns, the rest to the node.
/// @dev    Channel: none → Open ──redeem, any number of times──► Open ──settle──► gone
///         A voucher binds chain and contract (EIP-712 domain), channel, node, model and client, and its amount is cumulative: it
///         pays once, and never more than it says. The node loses at most what it answered since the last voucher, if it redeems
///         before `until`; the client at most what he signed.
///         Stake is lost for what a chain can see, two signed answers of one node, one model and one runtime to one observation
///         that differ; and by what the CallDisputes finds: an answer that the model does not give.
///         Nothing here can be paused.
interface IReflexDesk {
    /// @notice A node serves a model. `latency` is its own word, µs for a run of the model: nobody is convicted by it, and no robot goes
    ///         by it that has measured, or has heard from somebody it trusts.
    event ServiceStarted(address indexed node, AssetId indexed model, Service service, uint32 latency);
    /// @notice A node takes no new channels; its stake is free from `leavesAt` on. Said again when an accusation makes that later.
    event ServiceRetired(address indexed node, AssetId indexed model, uint40 leavesAt);
    /// @notice A retired node's stake is free.
    event ServiceEnded(address indexed node, AssetId indexed model, uint96 stake);
    /// @notice A node was shown to have given one observation two answers: its stake for this model is gone, for good.
    event ContradictionProven(
        address indexed node, AssetId indexed model, address indexed prover, bytes32 observation, uint96 reward, uint96 burnt
    );
    /// @notice A client opened a channel. `opened` says everything about it.
    event ChannelOpened(ChannelId indexed channel, address indexed client, address indexed node, Channel opened);
    /// @notice A channel holds more.
    /// @param deposit all of it now
    event ChannelToppedUp(ChannelId indexed channel, uint96 deposit);
    /// @notice A voucher was paid.
    /// @param toModel paid now to the model's node in the RevenueGraph
    /// @param redeemed all that was paid so far; what exceeds the last one, less `toModel`, went to the node
    /// @param calls how many calls the voucher says there were so far
    event VoucherRedeemed(ChannelId indexed channel, uint96 toModel, uint96 redeemed, uint64 calls);
    /// @notice The client wants his money back: vouchers are to be redeemed before `until`.
    event ChannelClosing(ChannelId indexed channel, uint40 until);
    /// @notice A channel is over.
    /// @param redeemed what the node and the model had of it in all
    /// @param rest what came back to the client's account
    event ChannelSettled(ChannelId indexed channel, uint96 redeemed, uint96 rest);

    error ReflexDesk_NotModel(AssetId asset);
    error ReflexDesk_NotAllowed(AssetId model, address node, uint40 at);
    error ReflexDesk_NoStake();
    error ReflexDesk_ShareBelow(uint24 share, uint32 least);
    error ReflexDesk_ShareAboveWhole(uint24 share);
    error ReflexDesk_Runs(address node, AssetId model);
    error ReflexDesk_NotServing(address node, AssetId model);
    error ReflexDesk_NotRetired(address node, AssetId model);
    error ReflexDesk_StillBound(uint40 leavesAt);
    error ReflexDesk_PriceAbove(uint96 price, uint96 maxPrice);
    error ReflexDesk_NoSigner();
    error ReflexDesk_BadEnd(uint40 until, uint40 latest);
    error ReflexDesk_NoDeposit();
    error ReflexDesk_DepositBelow(uint96 deposit, uint96 least);
    error ReflexDesk_ShortPaid(uint256 received, uint96 amount);
    error ReflexDesk_Unknown(ChannelId channel);
    error ReflexDesk_NotClient(ChannelId channel, address caller);
    error ReflexDesk_NotEarlier(ChannelId channel, uint40 until);
    error ReflexDesk_Over(ChannelId channel, uint40 until);
    error ReflexDesk_StillOpen(ChannelId channel, uint40 until);
    error ReflexDesk_AboveDeposit(uint96 amount, uint96 deposit);
    error ReflexDesk_NothingDue(ChannelId channel, uint96 redeemed);
    error ReflexDesk_BadSignature(address signer);
    error ReflexDesk_NotOneService();
    error ReflexDesk_NotOneObservation(bytes32 first, bytes32 second);
    error ReflexDesk_NoContradiction(bytes32 answer);
    error ReflexDesk_NotUnderRoot(bytes32 root, uint32 index);
    error ReflexDesk_NotDisputes(address caller);

    /* SERVING */

    /// @notice Binds stake of the caller's node and serves a model that he owns or holds a license for COMPUTE_ONLY of.
    /// @dev A convicted node never serves this model again. Who ended may start anew.
    /// @param price the most asked for 1,000 calls, settlement token units
    /// @param share of what is redeemed to the model, parts per million; not below the derivative share of the model's own terms
    /// @param stake settlement token units of the node's free stake, not 0
    /// @param latency how long a run of the model takes, µs, as the node says
    function serve(AssetId model, uint96 price, uint24 share, uint96 stake, uint32 latency) external;

    /// @notice Takes no new channels from now on. Channels that are open go on to their ends.
    function retire(AssetId model) external;

    /// @notice Frees a retired node's stake, once no channel of it can be open and evidence had its time. Anybody may pay the gas.
    function endService(address node, AssetId model) external;

    /// @notice Convicts a node of two answers to one observation; half of the stake to the caller's account, the rest is burnt.
    /// @dev Both windows must name the same node, model and runtime; they may be of different channels, or the same one.
    function proveContradiction(SignedAnswer calldata first, SignedAnswer calldata second) external;

    /// @notice Makes sure that a node signed an answer and has stake for it that stays for the evidence window at least, which is
    ///         longer than any trial. CallDisputes only.
    /// @return client of the channel the answer was given on, while it is not settled
    function hold(SignedAnswer calldata shown) external returns (address client);

    /// @notice Takes a node's whole stake for a model, for good, and moves it to the caller's lock in the Ledger. CallDisputes only.
    /// @return stake 0 when there was none left
    function convict(address node, AssetId model) external returns (uint96 stake);

    /* CALLING */

    /// @notice Opens a channel to a node that serves a model, with a deposit from the caller's wallet, which is not below the least: five
    ///         redemptions' gas, so that a voucher over all of it is worth the node's while.
    /// @param signer the key whose signature makes vouchers
    /// @param maxPrice refuse a node that may ask more for 1,000 calls
    /// @param until when the channel ends: after now, at most the longest time from now, and within the node's license
    function open(address node, AssetId model, address signer, uint96 deposit, uint96 maxPrice, uint40 until)
        external
        returns (ChannelId channel);

    /// @notice Adds to a channel that has not ended, from the caller's wallet. Whoever pays, the deposit is the client's.
    function topUp(ChannelId channel, uint96 amount) external;

    /// @notice Pays what a voucher says beyond what was paid before. Anybody may pay the gas; until the channel is settled.
    /// @param amount all that is owed so far, settlement token units
    /// @param calls how many calls that is, for the record
    /// @param signature of the channel's signer over Voucher(uint64 channel,address node,bytes32 model,address client,uint96
    ///        amount,uint64 calls)
    function redeem(ChannelId channel, uint96 amount, uint64 calls, bytes calldata signature) external;

    /// @notice The client asks for an early end: the exit window from now.
    function close(ChannelId channel) external;

    /// @notice Returns what was not redeemed to the client's account and forgets the channel. The node at any time; anybody from
    ///         `until` on.
    function settle(ChannelId channel) external;

    /* VIEWS */

    /// @notice A service as stored; all zero when there never was one or it ended.
    function serviceOf(address node, AssetId model) external view returns (Service memory);

    /// @notice A channel as stored. Reverts for one that never was or is over.
    function channelOf(ChannelId channel) external view returns (Channel memory);

    /// @notice How many channels were opened; they are numbered from 1.
    function count() external view returns (uint64);

    /// @notice The smallest deposit of a channel, settlement token units.
    function leastDeposit() external view returns (uint96);

    /// @notice Seconds between a client's `close` and the end; seconds a channel lasts at most; seconds for evidence after that.
    function windows() external view returns (uint40 exitWindow, uint40 longest, uint40 evidenceWindow);
}
