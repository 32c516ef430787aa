// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AssetKind} from "../types/Assets.sol";

/// @dev One word of an asset that answers everything a sale, a link or a withdrawal of consent asks. Bits 0–159 owner, 160–183
///      consent epoch, 184–215 serial, 216–247 when consent was last withdrawn (unix seconds), 248–254 kind, 255 whether it was
///      ever licensed exclusively. Written whole, so that a withdrawal of consent is one write.
library AssetHead {
    uint256 private constant OWNER = type(uint160).max;
    uint256 private constant CONSENT = uint256(type(uint24).max) << 160 | uint256(type(uint32).max) << 216;
    uint256 private constant EXCLUSIVE = 1 << 255;

    /// @dev The word of a new asset that nobody owns yet.
    function fresh(AssetKind kind, uint32 serial) internal pure returns (uint256) {
        return uint256(serial) << 184 | uint256(kind) << 248;
    }

    function withOwner(uint256 head, address owner) internal pure returns (uint256) {
        return (head & ~OWNER) | uint160(owner);
    }

    function withConsent(uint256 head, uint24 epoch, uint32 revokedAt) internal pure returns (uint256) {
        return (head & ~CONSENT) | uint256(epoch) << 160 | uint256(revokedAt) << 216;
    }

    function withExclusive(uint256 head, bool on) internal pure returns (uint256) {
        return on ? head | EXCLUSIVE : head & ~EXCLUSIVE;
    }

    function ownerOf(uint256 head) internal pure returns (address) {
        return address(uint160(head));
    }

    function epochOf(uint256 head) internal pure returns (uint24) {
        return uint24(head >> 160);
    }

    function serialOf(uint256 head) internal pure returns (uint32) {
        return uint32(head >> 184);
    }

    function revokedAtOf(uint256 head) internal pure returns (uint32) {
        return uint32(head >> 216);
    }

    function kindOf(uint256 head) internal pure returns (AssetKind) {
        return AssetKind(head >> 248 & 0x7f);
    }

    function isExclusive(uint256 head) internal pure returns (bool) {
        return head >= EXCLUSIVE;
    }
}
