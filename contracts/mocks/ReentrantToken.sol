// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token that calls any contract in the middle of a transfer, as tokens with hooks do.
/// @dev The call is made by the token itself, or through an `Actor` so that it comes from an account with something to gain.
contract ReentrantToken is MockUSD {
    address private _target;
    bytes private _call;

    /// @dev Whether the last call in the middle of a transfer went through, and what it said.
    bool public lastWorked;
    bytes public lastAnswer;

    /// @notice Arms one call for the next transfer.
    function arm(address target, bytes calldata call_) external {
        _target = target;
        _call = call_;
    }

    function _update(address from, address to, uint256 value) internal override {
        address target = _target;
        if (from != address(0) && to != address(0) && target != address(0)) {
            _target = address(0);
            (lastWorked, lastAnswer) = target.call(_call);
        }
        super._update(from, to, value);
    }
}
