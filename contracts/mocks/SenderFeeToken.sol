// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token that, once told to, takes one percent from the sender on top of every transfer.
contract SenderFeeToken is MockUSD {
    bool private _charging;

    function setCharging(bool charging) external {
        _charging = charging;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (!_charging || from == address(0) || to == address(0)) return;

        super._update(from, address(0), value / 100);
    }
}
