// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Beacon} from "../types/Beacons.sol";

/// @title Block hashes that say when something was not recorded yet.
/// @notice Whoever begins a recording with moves drawn from a beacon shows that it was not recorded before the beacon's block. One block in
///         `every` can be a beacon, and only until the next is due: so there are few to choose from, and the same ones for everybody.
/// @dev The EVM knows the hashes of 256 blocks and no block's time; here both stay. Anyone lights a beacon, everybody uses it.
///      Holds no money.
interface IBeaconBook {
    /// @notice A beacon was lit: `hash` is the block's, nobody knew it before the block, and that was `every` blocks before `litAt` at most.
    event BeaconLit(uint64 indexed number, bytes32 hash, uint40 litAt);

    error BeaconBook_BadStep(uint64 every);
    error BeaconBook_NoBeacon(uint64 number, uint64 every);
    error BeaconBook_TooEarly(uint64 number, uint256 current);
    error BeaconBook_TooLate(uint64 number, uint256 current);
    error BeaconBook_Lit(uint64 number);

    /// @notice Keeps the hash of a block whose number is a multiple of `every`, within so many blocks. Anyone, once.
    function light(uint64 number) external;

    /// @notice The beacon of a block number; litAt is 0 when it is not lit.
    function beaconOf(uint64 number) external view returns (Beacon memory);

    /// @notice One block in so many can be a beacon.
    function every() external view returns (uint64);
}
