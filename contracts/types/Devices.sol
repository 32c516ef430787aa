// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev What a device and its parent sign before the device is registered.
struct DeviceClaim {
    address device; // its key
    address owner; // who may register and end it
    address parent; // what it is part of, such as the hand a skin patch is on; 0 for none
    uint8 kind; // what it is; numbers are given meaning off chain
    bytes32 digest; // of its description: model, layout, calibration; never a serial number
}

/// @dev A registered device. Two slots.
struct Device {
    address owner; // 0 means not registered
    uint40 since; // registered at, unix seconds
    uint40 until; // from here on its word counts no more; type(uint40).max while it is good
    uint8 depth; // devices above it
    uint8 kind;
    address parent; // slot 1
    bool compromised; // false: it was merely retired
}
