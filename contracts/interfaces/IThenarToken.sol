// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What contributions are rewarded with.
/// @notice An ERC-20 with permit (ERC-2612). Units come into being in one place, as rewards of epochs, and no more than `cap` are ever
///         minted; what is burnt makes no room for more. Nobody owns the contract, nobody can pause or take anything.
interface IThenarToken is IERC20 {
    error ThenarToken_ZeroMinter();
    error ThenarToken_NotMinter(address caller);
    error ThenarToken_OverCap(uint256 minted, uint256 amount, uint256 cap);

    /// @notice Mints a reward. ContributionEpochs only.
    function mint(address account, uint256 amount) external;

    /// @notice Burns what the owner allowed the caller to spend.
    function burnFrom(address account, uint256 amount) external;

    /// @notice Most that is ever minted.
    function cap() external view returns (uint256);

    /// @notice What was minted so far, burnt or not.
    function minted() external view returns (uint256);
}
