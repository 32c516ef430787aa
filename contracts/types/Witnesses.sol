// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetId} from "./Ids.sol";

/// @dev What a witness signs: a later scan of his own shows the place of a capture again.
struct Attestation {
    AssetId capture;
    AssetId scan; // the witness's own, answered with and paid
    address witness;
    uint16 overlap; // basis points of the smaller of the two that both show
    bytes laid; // how the scan is laid on the capture; canonical JSON
    uint256 nonce; // the witness's, as it stands
}
