// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev H3 cells by bit operations: bit 63 zero, 59-62 mode (1: cell), 56-58 zero, 52-55 resolution, 45-51 base cell, then fifteen
///      digits of three bits, unused ones 7 (https://h3geo.org/docs/core-library/h3Indexing). Twin: node/thenar/domain/place.py.
library H3 {
    uint256 private constant BASES = 122;
    uint256 private constant FIRST_BITS = 0x1249249249249; // lowest bit of each of seventeen digits
    /// @dev Base cells with five neighbours, one bit each: 4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107 and 117.
    uint256 private constant PENTAGONS = 1 << 4 | 1 << 14 | 1 << 24 | 1 << 38 | 1 << 49 | 1 << 58 | 1 << 63 | 1 << 72 | 1 << 83 | 1 << 97
        | 1 << 107 | 1 << 117;

    /// @dev Whether a number is a cell.
    function isCell(uint64 cell) internal pure returns (bool) {
        if (cell >> 56 != 8) return false; // mode 1, and nothing in the reserved bits
        uint256 base = cell >> 45 & 127;
        if (base >= BASES) return false;
        uint256 unused = 3 * (15 - resolutionOf(cell));
        uint256 tail = (1 << unused) - 1;
        if (cell & tail != tail) return false;
        uint256 digits = (cell & (1 << 45) - 1) >> unused;
        if (digits & digits >> 1 & digits >> 2 & FIRST_BITS != 0) return false; // a used digit of 7
        if (digits == 0 || PENTAGONS >> base & 1 == 0) return true;
        uint256 leading = Math.log2(digits) / 3;
        return digits >> 3 * leading != 1; // a pentagon lacks its first child
    }

    /// @dev Whether a number is a cell of a resolution in an area, which is a cell that is not finer.
    function lies(uint64 cell, uint8 resolution, uint64 area) internal pure returns (bool) {
        return isCell(cell) && resolutionOf(cell) == resolution && parent(cell, resolutionOf(area)) == area;
    }

    function resolutionOf(uint64 cell) internal pure returns (uint8) {
        return uint8(cell >> 52 & 15);
    }

    /// @dev The parent of a cell at a resolution that is not finer than its own.
    function parent(uint64 cell, uint8 resolution) internal pure returns (uint64) {
        uint64 cleared = cell & ~(uint64(15) << 52);
        return cleared | uint64(resolution) << 52 | uint64((1 << 3 * (15 - uint256(resolution))) - 1);
    }
}
