// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token that, once told to, answers false instead of reverting, and moves nothing.
contract FalseReturnToken is MockUSD {
    bool private _refusing;

    function setRefusing(bool refusing) external {
        _refusing = refusing;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return !_refusing && super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return !_refusing && super.transferFrom(from, to, value);
    }
}
