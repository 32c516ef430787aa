// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token whose issuer can stop all transfers.
contract PausableToken is MockUSD {
    bool private _paused;

    error PausableToken_Paused();

    function setPaused(bool paused) external {
        _paused = paused;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_paused) revert PausableToken_Paused();
        super._update(from, to, value);
    }
}
