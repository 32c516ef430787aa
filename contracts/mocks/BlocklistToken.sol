// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token whose issuer can block accounts from sending and receiving.
contract BlocklistToken is MockUSD {
    mapping(address account => bool) private _blocked;

    error BlocklistToken_Blocked(address account);

    function setBlocked(address account, bool blocked) external {
        _blocked[account] = blocked;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_blocked[from]) revert BlocklistToken_Blocked(from);
        if (_blocked[to]) revert BlocklistToken_Blocked(to);
        super._update(from, to, value);
    }
}
