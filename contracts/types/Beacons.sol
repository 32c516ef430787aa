// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev A block hash nobody knew before its block, as kept. One slot.
struct Beacon {
    bytes27 head; // first bytes of the hash; the moves of a gesture are drawn from them
    uint40 litAt; // unix seconds; 0: not lit
}
