// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Aggregation, AggregationKind} from "../types/Aggregations.sol";
import {Opening} from "../types/Disputes.sol";
import {MemberTree} from "./MemberTree.sol";

/// @dev Sums over many numbers that the chain computes itself: exact, one coordinate at a time. Work of the class below is one trace
///      per unit whose leaf 0 is the spec, SHA-256 of the ABI-encoded aggregation, and whose leaf i is SHA-256 of the ABI-encoded
///      coordinate unit · segments + i − 1 and its value.
///      Twin: node/thenar/domain/work/aggregates.py.
library Aggregates {
    /// @dev The determinism class of such work: integers, whoever computes them.
    bytes32 internal constant CLASS = "thenar.aggregate/1";
    uint256 internal constant MAX_COUNT = 4096;
    uint256 private constant WORD = type(uint64).max;
    uint256 private constant NOISE = 4; // the purpose of the draws, half of their key

    /// @dev The leaf at a place of the disputed unit's trace; 0 when these are not the numbers that the spec names.
    /// @param before the coordinate until now, and the way from it to `sum.before`; only an evolution's begins anywhere but at 0
    function leafOf(
        Opening calldata opening,
        uint256 place,
        Aggregation calldata sum,
        bytes calldata values,
        int256 before,
        bytes32[] calldata path
    ) internal pure returns (bytes32) {
        if (sha256(abi.encode(sum)) != opening.spec) return 0;
        if (place == 0) return opening.spec;
        uint256 coordinate = uint256(opening.unit) * opening.segments + place - 1;
        if (values.length != 8 * uint256(sum.count) || sum.count > MAX_COUNT || keccak256(values) != sum.values) return 0;
        if (!_began(sum, coordinate, before, path)) return 0;
        return sha256(abi.encode(coordinate, coordinateOf(sum, values, coordinate, before)));
    }

    /// @dev A coordinate of the sum, 0 beyond its width.
    ///      MOMENTS: Σ v^(c+1) for the first three coordinates. EVOLUTION: before + ((rate · Σ v_p · noise(seed, p, c)) >> shift).
    ///      Of int64 values, 4,096 of them, 16 bits of noise and an int64 rate nothing comes near 256 bits.
    function coordinateOf(Aggregation calldata sum, bytes calldata values, uint256 coordinate, int256 before)
        internal
        pure
        returns (int256 total)
    {
        if (coordinate >= sum.width) return 0;
        if (sum.kind == AggregationKind.MOMENTS) return _moment(values, coordinate);
        unchecked {
            for (uint256 i = 0; i < values.length; i += 8) {
                total += int64(uint64(bytes8(values[i:i + 8]))) * noise(sum.seed, i / 8, coordinate);
            }
            return before + ((total * sum.rate) >> sum.shift);
        }
    }

    /// @dev Noise for one parameter, the same for both members of a pair: a whole number in [-2^15, 2^15), the top 16 bits of word
    ///      `coordinate` of Philox 4x64-10 under the key (seed, 4), counted from (1, 0, pair, 0).
    function noise(uint64 seed, uint256 pair, uint256 coordinate) internal pure returns (int256) {
        unchecked {
            uint256 a = 1 + coordinate / 4;
            uint256 b = 0;
            uint256 c = pair;
            uint256 d = 0;
            uint256 k = seed;
            uint256 m = NOISE;
            for (uint256 i = 0; i < 10; ++i) {
                uint256 p = a * 0xD2E7470EE14C6C93;
                uint256 q = c * 0xCA5A826395121157;
                (a, b, c, d) = ((q >> 64) ^ b ^ k, q & WORD, (p >> 64) ^ d ^ m, p & WORD);
                k = (k + 0x9E3779B97F4A7C15) & WORD;
                m = (m + 0xBB67AE8584CAA73B) & WORD;
            }
            uint256 lane = coordinate & 3;
            uint256 word = lane == 0 ? a : lane == 1 ? b : lane == 2 ? c : d;
            return int256(word >> 48) - 32_768;
        }
    }

    function _began(Aggregation calldata sum, uint256 coordinate, int256 before, bytes32[] calldata path)
        private
        pure
        returns (bool)
    {
        if (sum.kind != AggregationKind.EVOLUTION || coordinate >= sum.width) return before == 0;
        return MemberTree.contains(sum.before, sum.width, coordinate, bytes32(uint256(before)), path);
    }

    function _moment(bytes calldata values, uint256 coordinate) private pure returns (int256 total) {
        if (coordinate > 2) return 0;
        unchecked {
            for (uint256 i = 0; i < values.length; i += 8) {
                int256 value = int64(uint64(bytes8(values[i:i + 8])));
                int256 power = value;
                for (uint256 j = 0; j < coordinate; ++j) {
                    power *= value;
                }
                total += power;
            }
        }
    }
}
