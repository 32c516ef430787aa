// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId, TermsId} from "./Ids.sol";

/// @dev Number of a live stream, from 1; 0 means "no stream".
type StreamId is uint64;

/// @dev What is streamed, by whom, for how much. Never changes but for `closedAt`. Three slots.
struct LiveStream {
    AssetId asset; // the capture the stream continues; its consent is the stream's
    address seller; // who streams and is paid (slot 1)
    uint88 rate; // settlement token units a second
    TermsId terms; // what the streamed data may be used for (slot 2)
    uint32 consentEpoch; // the asset's epoch when the stream was opened
    uint32 epochSeconds; // data is sealed and keys are handed over in pieces of so many seconds
    uint40 openedAt; // unix seconds; epoch n begins at openedAt + n * epochSeconds
    uint40 closedAt; // unix seconds; 0 while open
}

/// @dev What one account has paid for. Debt runs from `since` at the stream's rate and never above `deposit`. One slot.
struct Subscription {
    uint40 since; // unix seconds, the beginning of an epoch; 0 means there never was one
    uint40 until; // unix seconds, exclusive; 0 while it runs
    uint88 deposit; // held in the Ledger while it runs, then what was paid in all
    uint88 paid; // of the deposit, to the seller
}
