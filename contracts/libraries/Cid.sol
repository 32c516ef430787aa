// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title IPFS names of single blocks.
/// @dev Multiformats: CIDv1, codec raw (0x55), multihash sha2-256 (0x12, 32 bytes), multibase base32 lower case without padding.
library Cid {
    bytes16 private constant _LOW = "abcdefghijklmnop";
    bytes16 private constant _HIGH = "qrstuvwxyz234567";

    /// @dev The 59 characters of a raw block's name, from its SHA-256 digest.
    function raw(bytes32 digest) internal pure returns (string memory) {
        bytes memory binary = bytes.concat(hex"01551220", digest);
        bytes memory text = new bytes(59);
        text[0] = "b"; // multibase prefix of base32

        uint256 written = 1;
        uint256 buffer;
        uint256 bits;
        for (uint256 i; i < binary.length; ++i) {
            buffer = (buffer << 8) | uint8(binary[i]);
            for (bits += 8; bits > 4; ++written) {
                bits -= 5;
                text[written] = _digit(buffer >> bits);
            }
        }
        text[written] = _digit(buffer << (5 - bits)); // 288 bits are 57 digits and 3 bits

        return string(text);
    }

    /// @dev RFC 4648 base32 digit of the five lowest bits.
    function _digit(uint256 value) private pure returns (bytes1) {
        uint256 five = value & 31;
        return five < 16 ? _LOW[five] : _HIGH[five - 16];
    }
}
