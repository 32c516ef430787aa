// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may change parameters, and after which delay.
/// @notice OpenZeppelin's AccessManager as it is. Only functions marked `restricted` ask it, and those change parameters:
///         none moves money, and none stands between a user and an exit.
contract Governance is AccessManager {
    constructor(address admin) AccessManager(admin) {}
}
