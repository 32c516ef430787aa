// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev Number of a run in the owner's house, from 1; 0 means "no run".
type RunId is uint64;

/// @dev Where a run stands. None → Ordered → Delivered → gone; Ordered → gone when it is refunded.
enum RunStage {
    NONE,
    ORDERED,
    DELIVERED
}

/// @dev What an owner lets a program do, and for how much. One slot. Equal runs come to equal bytes, so all that a program can ever
///      tell anybody is `parts` outputs of `outputBytes`.
struct RunLimits {
    uint96 price; // of a run, settlement token units
    uint64 fuel; // instructions a run may take
    uint32 outputBytes; // bytes a run may put out
    uint32 parts; // a run is over one part, from 0; 1 when the program takes no part
    uint16 perBuyer; // runs one buyer may order in a day (UTC)
    uint16 perDay; // runs all buyers together may order in a day
}

/// @dev A program its owner approved for an asset. Two slots. It stands while the asset has this owner and this consent epoch.
struct Program {
    address owner; // who approved; 0 when nobody does
    uint32 consentEpoch; // the asset's epoch then
    uint32 day; // days since 1970 of the newest order
    uint32 runs; // orders of that day (slot 0)
    RunLimits limits; // (slot 1)
}

/// @dev A run that was ordered and has not ended. Four slots.
struct Run {
    address buyer; // whose the money is until it is delivered
    uint96 price; // settlement token units, in the Ledger (slot 0)
    AssetId asset; // what is read (slot 1)
    bytes32 program; // SHA-256 of the module (slot 2)
    uint32 part; // which part of the input
    uint32 outputBytes; // what the program may put out, as approved then
    uint32 consentEpoch; // the asset's epoch when it was ordered
    uint40 orderedAt; // unix seconds
    uint40 deadline; // unix seconds: of the delivery, once delivered of the rejection
    RunStage stage; // (slot 3)
}
