// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Whether bits read from a file are those a secret gives. To whoever does not know the secret, the bit of every cell is the
///      toss of a coin of its own, whatever the file: so of n different cells more than half agree by a margin of d with a
///      probability of at most exp(-d² / 2n) (Hoeffding 1963), where d is agreeing minus differing cells. Twin:
///      node/thenar/domain/marks.py.
library Likeness {
    uint256 internal constant FEWEST = 56;
    uint256 internal constant MOST = 256;
    /// @dev d² >= 56 n: chance at most e^-28, which is below 2^-40.
    uint256 private constant BAR = 56;

    /// @dev Whether the cells rise, all in one chapter, and are neither too few nor too many.
    function isReading(uint256[] calldata seen, uint8 chapter) internal pure returns (bool) {
        if (seen.length < FEWEST || seen.length > MOST) return false;
        uint256 last = 0;
        for (uint256 i = 0; i < seen.length; ++i) {
            uint256 cell = seen[i] >> 1;
            if (cell >> 251 != chapter || (i != 0 && cell <= last)) return false;
            last = cell;
        }
        return true;
    }

    /// @dev How many of the bits are those the secret gives their cells.
    function agreeing(bytes32 secret, uint256[] calldata seen) internal pure returns (uint256 count) {
        for (uint256 i = 0; i < seen.length; ++i) {
            uint256 bit = uint256(keccak256(abi.encode(secret, seen[i] >> 1))) & 1;
            if (bit == seen[i] & 1) ++count;
        }
    }

    /// @dev Whether so many agreeing bits among `total` are no chance.
    function isClear(uint256 agreed, uint256 total) internal pure returns (bool) {
        if (2 * agreed <= total) return false;
        uint256 margin = 2 * agreed - total;
        return margin * margin >= BAR * total;
    }
}
