// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev Float32 numbers (IEEE 754) as they travel: little-endian. Compared as whole numbers of 2^-32, the next one towards zero.
///      Twin: node/thenar/domain/reflex/actions.py.
library Floats {
    uint256 private constant ONE = 1 << 32;
    uint256 private constant APART = 256;

    /// @dev Whether two numbers are too far apart for both to come from one model: by more than 1/256 of the larger one, or of 1.
    ///      Of two that are no finite numbers one is as good as the other.
    function areApart(bytes4 a, bytes4 b) internal pure returns (bool) {
        (bool finiteA, bool negativeA, uint256 sizeA) = _parts(a);
        (bool finiteB, bool negativeB, uint256 sizeB) = _parts(b);
        if (!finiteA || !finiteB) return finiteA != finiteB;
        (uint256 larger, uint256 smaller) = sizeA > sizeB ? (sizeA, sizeB) : (sizeB, sizeA);
        uint256 distance = negativeA == negativeB ? larger - smaller : larger + smaller;
        return APART * distance > (larger > ONE ? larger : ONE);
    }

    function _parts(bytes4 spelled) private pure returns (bool finite, bool negative, uint256 size) {
        uint32 bits = uint32(spelled);
        bits = ((bits & 0x00ff00ff) << 8) | ((bits >> 8) & 0x00ff00ff);
        bits = (bits << 16) | (bits >> 16);
        uint256 exponent = (bits >> 23) & 0xff;
        uint256 fraction = bits & 0x7fffff;
        finite = exponent != 0xff;
        negative = bits >> 31 != 0;
        if (exponent == 0) return (finite, negative, 0); // below 2^-126
        fraction |= 0x800000;
        size = exponent < 118 ? fraction >> (118 - exponent) : fraction << (exponent - 118); // 24 + 136 bits at most
    }
}
