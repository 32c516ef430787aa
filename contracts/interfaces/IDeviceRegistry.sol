// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Device, DeviceClaim} from "../types/Devices.sol";

/// @title Which keys belong to capturing devices, what those are part of, and how long their word counts.
/// @notice A device's signature on a minted asset says "this key saw these bytes", nothing more. This registry adds who answers for the key,
///         the devices it is mounted on, and from when on it is not to be believed. It knows no serial numbers and holds no money.
/// @dev A key is registered once, for ever: a device that changes hands makes a new key. Nothing here can be paused.
interface IDeviceRegistry {
    /// @notice A device was registered, by its own signature and that of its parent.
    event DeviceRegistered(
        address indexed device, address indexed owner, address indexed parent, uint8 kind, uint8 depth, uint40 since, bytes32 digest
    );
    /// @notice From `until` on a device's word counts no more, nor that of devices on it.
    event DeviceEnded(address indexed device, uint40 until, bool compromised);

    error DeviceRegistry_NotOwner(address owner, address caller);
    error DeviceRegistry_Registered(address device);
    error DeviceRegistry_Unknown(address device);
    error DeviceRegistry_BadSignature(address signer);
    error DeviceRegistry_ParentNotGood(address parent);
    error DeviceRegistry_TooDeep(address parent);
    error DeviceRegistry_NotEarlier(uint40 until, uint40 wanted);
    error DeviceRegistry_InFuture(uint40 since);

    /// @notice Registers a device for the caller, who must be the claim's owner.
    /// @param deviceSignature of the device over DeviceClaim(address device,address owner,address parent,uint8 kind,bytes32 digest)
    ///        (EIP-712; ECDSA, or ERC-1271 when the device is a contract)
    /// @param parentSignature of the parent over the same; empty without a parent. The parent and all above it must be good now, and at
    ///        most seven devices stand above any.
    function register(DeviceClaim calldata claim, bytes calldata deviceSignature, bytes calldata parentSignature) external;

    /// @notice Ends a device now. What it signed before stays good. Owner only.
    function retire(address device) external;

    /// @notice Ends a device from a time on that may lie in the past: its key was in other hands since. Owner only; can only move the end
    ///         earlier, also of a retired device.
    function compromise(address device, uint40 since) external;

    /// @notice Whether the device and all it is part of were registered and good at a time, unix seconds.
    function isGood(address device, uint40 at) external view returns (bool);

    /// @notice A device's record; all zero when it is not registered.
    function deviceOf(address device) external view returns (Device memory);

    /// @notice What a device is part of, nearest first.
    function parentsOf(address device) external view returns (address[] memory);
}
