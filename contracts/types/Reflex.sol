// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Number of a channel, from 1; 0 means "no channel".
type ChannelId is uint64;

/// @dev A node that answers with a model. One slot. Running while `stake` is not 0 and `leavesAt` is 0; convicted for ever when
///      `leavesAt` is the last time of all.
struct Service {
    uint96 stake; // bound in the NodeRegistry, lost for two answers to one observation, or a wrong one
    uint96 price; // the most asked for 1,000 calls, settlement token units; signed offers may ask less
    uint24 share; // of what is redeemed, to the model's node in the RevenueGraph; parts per million
    uint40 leavesAt; // unix seconds; 0 while it serves
}

/// @dev Money of one client that one node may draw by vouchers. Four slots.
struct Channel {
    address client; // whose the deposit is
    uint96 deposit; // settlement token units, in the Ledger (slot 0)
    address node; // who may redeem
    uint96 redeemed; // of the deposit, so far (slot 1)
    AssetId model; // what is asked (slot 2)
    address signer; // whose signature makes a voucher: the robot's own key
    uint24 share; // of the service when the channel was opened
    uint40 until; // unix seconds; from then on anybody settles (slot 3)
}

/// @dev What a node signs of a window of answers. The root is over the window's answers, after RFC 9162: leaf i is the SHA-256 of
///      the observation of call i followed by the SHA-256 of what was answered.
struct Answers {
    address node;
    AssetId model;
    ChannelId channel;
    uint64 window;
    uint32 count; // leaves under the root
    bytes32 runtime; // what computed them; answers of different runtimes may differ
    bytes32 root;
}

/// @dev One answer under a signed window.
struct SignedAnswer {
    Answers answers;
    bytes signature;
    uint32 index;
    bytes32 observation;
    bytes32 answer;
    bytes32[] path;
}
