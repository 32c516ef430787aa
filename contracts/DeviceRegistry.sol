// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IDeviceRegistry} from "./interfaces/IDeviceRegistry.sol";
import {Device, DeviceClaim} from "./types/Devices.sol";

/// @title Which keys belong to capturing devices, what those are part of, and how long their word counts.
/// @dev A parent is registered before its children and never changes, so chains have no loops and at most `_DEEPEST + 1` links.
contract DeviceRegistry is EIP712, IDeviceRegistry {
    bytes32 private constant _CLAIM =
        keccak256("DeviceClaim(address device,address owner,address parent,uint8 kind,bytes32 digest)");
    uint40 private constant _NEVER = type(uint40).max;
    uint8 private constant _DEEPEST = 7;

    mapping(address device => Device) private _devices;

    constructor() EIP712("Thenar DeviceRegistry", "1") {}

    /* REGISTERING */

    /// @inheritdoc IDeviceRegistry
    function register(DeviceClaim calldata claim, bytes calldata deviceSignature, bytes calldata parentSignature) external {
        if (claim.owner != msg.sender) revert DeviceRegistry_NotOwner(claim.owner, msg.sender);
        if (_devices[claim.device].owner != address(0)) revert DeviceRegistry_Registered(claim.device);
        uint8 depth = claim.parent == address(0) ? 0 : _depthBelow(claim.parent);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(_CLAIM, claim)));
        _requireSignature(claim.device, digest, deviceSignature);
        if (claim.parent != address(0) || parentSignature.length != 0) _requireSignature(claim.parent, digest, parentSignature);

        uint40 since = uint40(block.timestamp);
        _devices[claim.device] = Device({
            owner: msg.sender,
            since: since,
            until: _NEVER,
            depth: depth,
            kind: claim.kind,
            parent: claim.parent,
            compromised: false
        });

        emit DeviceRegistered(claim.device, msg.sender, claim.parent, claim.kind, depth, since, claim.digest);
    }

    /* ENDING */

    /// @inheritdoc IDeviceRegistry
    function retire(address device) external {
        _end(device, uint40(block.timestamp), false);
    }

    /// @inheritdoc IDeviceRegistry
    function compromise(address device, uint40 since) external {
        if (since > block.timestamp) revert DeviceRegistry_InFuture(since);

        _end(device, since, true);
    }

    /* VIEWS */

    /// @inheritdoc IDeviceRegistry
    function isGood(address device, uint40 at) public view returns (bool) {
        for (address next = device; next != address(0);) {
            Device storage one = _devices[next];
            if (one.owner == address(0) || at < one.since || at >= one.until) return false;
            next = one.parent;
        }
        return device != address(0);
    }

    /// @inheritdoc IDeviceRegistry
    function deviceOf(address device) external view returns (Device memory) {
        return _devices[device];
    }

    /// @inheritdoc IDeviceRegistry
    function parentsOf(address device) external view returns (address[] memory parents) {
        parents = new address[](_devices[device].depth);
        address next = device;
        for (uint256 i = 0; i < parents.length; ++i) {
            next = _devices[next].parent;
            parents[i] = next;
        }
    }

    /* PRIVATE */

    /// @dev An end can only move earlier: nobody can make a key good again for a time it was once disowned for.
    function _end(address device, uint40 until, bool compromised) private {
        Device storage one = _devices[device];
        if (one.owner == address(0)) revert DeviceRegistry_Unknown(device);
        if (one.owner != msg.sender) revert DeviceRegistry_NotOwner(one.owner, msg.sender);
        if (until >= one.until) revert DeviceRegistry_NotEarlier(one.until, until);

        one.until = until;
        one.compromised = compromised;

        emit DeviceEnded(device, until, compromised);
    }

    function _depthBelow(address parent) private view returns (uint8) {
        if (!isGood(parent, uint40(block.timestamp))) revert DeviceRegistry_ParentNotGood(parent);
        uint8 depth = _devices[parent].depth;
        if (depth == _DEEPEST) revert DeviceRegistry_TooDeep(parent);

        return depth + 1;
    }

    function _requireSignature(address signer, bytes32 digest, bytes calldata signature) private view {
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature)) revert DeviceRegistry_BadSignature(signer);
    }
}
