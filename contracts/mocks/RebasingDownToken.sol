// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MockUSD} from "./MockUSD.sol";

/// @title A token that can shrink what an account holds, also in the middle of a transfer. Unfit for settlement; here to show how
///        the Ledger behaves when somebody deploys it with one.
contract RebasingDownToken is MockUSD {
    address private _victim;

    /// @notice Destroys part of what an account holds, now.
    function shrink(address account, uint256 amount) external {
        _burn(account, amount);
    }

    /// @notice Empties this account within the next transfer to it.
    function shrinkOnTransfer(address victim) external {
        _victim = victim;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from == address(0) || to == address(0) || to != _victim) return;

        _victim = address(0);
        _burn(to, balanceOf(to));
    }
}
