// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token that keeps a part of every transfer from the recipient; at 10,000 basis points nothing arrives at all.
contract FeeOnTransferToken is MockUSD {
    uint256 private immutable _feeBps;

    constructor(uint256 feeBps) {
        _feeBps = feeBps;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from == address(0) || to == address(0)) return;

        super._update(to, address(0), value * _feeBps / 10_000);
    }
}
