// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBeaconBook} from "./interfaces/IBeaconBook.sol";
import {Beacon} from "./types/Beacons.sol";

/// @title Block hashes that say when something was not recorded yet: see IBeaconBook.
contract BeaconBook is IBeaconBook {
    uint64 private constant KNOWN = 256; // blocks whose hashes the EVM knows

    uint64 private immutable _every;

    mapping(uint64 number => Beacon) private _beacons;

    constructor(uint64 beaconEvery) {
        if (beaconEvery == 0 || beaconEvery > KNOWN) revert BeaconBook_BadStep(beaconEvery);
        _every = beaconEvery;
    }

    /// @inheritdoc IBeaconBook
    function light(uint64 number) external {
        if (number == 0 || number % _every != 0) revert BeaconBook_NoBeacon(number, _every);
        if (number >= block.number) revert BeaconBook_TooEarly(number, block.number);
        if (block.number - number > _every) revert BeaconBook_TooLate(number, block.number);
        if (_beacons[number].litAt != 0) revert BeaconBook_Lit(number);

        bytes32 hash = blockhash(number);
        _beacons[number] = Beacon(bytes27(hash), uint40(block.timestamp));

        emit BeaconLit(number, hash, uint40(block.timestamp));
    }

    /* VIEWS */

    /// @inheritdoc IBeaconBook
    function beaconOf(uint64 number) external view returns (Beacon memory) {
        return _beacons[number];
    }

    /// @inheritdoc IBeaconBook
    function every() external view returns (uint64) {
        return _every;
    }
}
