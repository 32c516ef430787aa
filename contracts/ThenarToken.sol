// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {IThenarToken} from "./interfaces/IThenarToken.sol";

/// @title What contributions are rewarded with: see IThenarToken.
contract ThenarToken is ERC20Permit, IThenarToken {
    address private immutable _minter;
    uint256 private immutable _cap;

    uint256 private _burnt;

    /// @param epochs who alone mints
    /// @param tokenCap most that is ever minted
    constructor(address epochs, uint96 tokenCap) ERC20("Thenar", "THN") ERC20Permit("Thenar") {
        if (epochs == address(0)) revert ThenarToken_ZeroMinter();

        _minter = epochs;
        _cap = tokenCap;
    }

    /// @inheritdoc IThenarToken
    function mint(address account, uint256 amount) external {
        if (msg.sender != _minter) revert ThenarToken_NotMinter(msg.sender);
        uint256 before = minted();
        if (amount > _cap - before) revert ThenarToken_OverCap(before, amount, _cap);

        _mint(account, amount);
    }

    /// @inheritdoc IThenarToken
    function burnFrom(address account, uint256 amount) external {
        _spendAllowance(account, msg.sender, amount);
        _burnt += amount;

        _burn(account, amount);
    }

    /// @inheritdoc IThenarToken
    function cap() external view returns (uint256) {
        return _cap;
    }

    /// @inheritdoc IThenarToken
    function minted() public view returns (uint256) {
        return totalSupply() + _burnt;
    }
}
