// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev The stream of XChaCha20 as libsodium's crypto_aead_xchacha20poly1305_ietf uses it. Source: RFC 8439, sections 2.1 to
///      2.4, and draft-irtf-cfrg-xchacha-03, sections 2.2 and 2.3.
///      A word of the EVM holds one row of two blocks: eight lanes of 32 bits, column by column from the highest, within a column
///      first the even block, then the odd one. So one addition serves eight lanes, and a row turns by a column when the word
///      turns by 64 bits. A leaf of 1 KiB costs 100,000 gas this way and millions in the plain form, CipherDoors.streamPlain,
///      which the tests hold beside it.
library XChaCha20 {
    uint256 private constant ADDEND = 0x7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff;
    uint256 private constant CARRY = 0x8000000080000000800000008000000080000000800000008000000080000000;
    uint256 private constant EVEN = 0xffffffff00000000ffffffff00000000ffffffff00000000ffffffff00000000;
    uint256 private constant ODD = 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
    /// @dev HIGH_n and LOW_n: what a rotation to the left by n fills in each lane from bit n up, and below it.
    uint256 private constant HIGH_16 = 0xffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000;
    uint256 private constant LOW_16 = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
    uint256 private constant HIGH_12 = 0xfffff000fffff000fffff000fffff000fffff000fffff000fffff000fffff000;
    uint256 private constant LOW_12 = 0x00000fff00000fff00000fff00000fff00000fff00000fff00000fff00000fff;
    uint256 private constant HIGH_8 = 0xffffff00ffffff00ffffff00ffffff00ffffff00ffffff00ffffff00ffffff00;
    uint256 private constant LOW_8 = 0x000000ff000000ff000000ff000000ff000000ff000000ff000000ff000000ff;
    uint256 private constant HIGH_7 = 0xffffff80ffffff80ffffff80ffffff80ffffff80ffffff80ffffff80ffffff80;
    uint256 private constant LOW_7 = 0x0000007f0000007f0000007f0000007f0000007f0000007f0000007f0000007f;
    uint256 private constant BYTES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    /// @dev "expand 32-byte k", every word twice.
    uint256 private constant SIGMA = 0x61707865617078653320646e3320646e79622d3279622d326b2065746b206574;
    uint256 private constant NEXT_PAIR = 2 << 224 | 2 << 192;

    /// @dev `data` xor the stream under `key` and `nonce` from block `firstBlock` on. The AEAD's data begins in block 1.
    ///      Block numbers must stay below 2^32.
    function xor(bytes32 key, bytes24 nonce, uint32 firstBlock, bytes calldata data) internal pure returns (bytes memory out) {
        (uint256 b, uint256 c) = _subkey(key, nonce);
        uint256 d = _spread(_swapBytes(uint64(uint192(nonce)))) | uint256(firstBlock) << 224 | (uint256(firstBlock) + 1) << 192;
        out = new bytes((data.length + 127) & ~uint256(127)); // pairs of blocks are written whole, then cut
        for (uint256 at = 0; at < data.length; at += 128) {
            _pair(b, c, d, data, at, out);
            // the last step may carry out of a lane that is not read again
            unchecked {
                d += NEXT_PAIR;
            }
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(out, data.length)
        }
    }

    /// @dev HChaCha20: the rows b and c of every block under this key and nonce.
    function _subkey(bytes32 key, bytes24 nonce) private pure returns (uint256 b, uint256 c) {
        uint256 words = _swapBytes(uint256(key));
        uint256 head = _swapBytes(uint256(uint192(nonce)) >> 64);
        (b,,, c) = _rounds(SIGMA, _spread(words >> 128), _spread(words & type(uint128).max), _spread(head));
    }

    /// @dev Writes 128 bytes: two blocks of the stream xor the data at `at`.
    function _pair(uint256 b, uint256 c, uint256 d, bytes calldata data, uint256 at, bytes memory out) private pure {
        (uint256 p, uint256 q, uint256 r, uint256 s) = _rounds(SIGMA, b, c, d);
        uint256 from;
        uint256 to;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            p := xor(add(and(p, ADDEND), and(SIGMA, ADDEND)), and(xor(p, SIGMA), CARRY))
            q := xor(add(and(q, ADDEND), and(b, ADDEND)), and(xor(q, b), CARRY))
            r := xor(add(and(r, ADDEND), and(c, ADDEND)), and(xor(r, c), CARRY))
            s := xor(add(and(s, ADDEND), and(d, ADDEND)), and(xor(s, d), CARRY))
            from := add(data.offset, at)
            to := add(add(out, 0x20), at)
        }
        // offsets into calldata and memory that exist cannot overflow
        unchecked {
            _write(p & EVEN | (q & EVEN) >> 32, from, to);
            _write(r & EVEN | (s & EVEN) >> 32, from + 32, to + 32);
            _write((p & ODD) << 32 | q & ODD, from + 64, to + 64);
            _write((r & ODD) << 32 | s & ODD, from + 96, to + 96);
        }
    }

    /// @dev Brings 32 bytes of the stream into order (lanes 0 to 7 are words 0 4 1 5 2 6 3 7, each little-endian) and writes their xor
    ///      with the data. Behind the end of the data nothing that it writes is kept.
    function _write(uint256 x, uint256 from, uint256 to) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let t := and(xor(x, shr(32, x)), 0x0000000000000000ffffffff000000000000000000000000ffffffff00000000)
            x := xor(x, xor(t, shl(32, t)))
            t := and(xor(x, shr(64, x)), 0x00000000000000000000000000000000ffffffffffffffff0000000000000000)
            x := xor(x, xor(t, shl(64, t)))
            x := or(and(shl(8, x), not(BYTES)), and(shr(8, x), BYTES))
            x := or(and(shl(16, x), HIGH_16), and(shr(16, x), LOW_16))
            mstore(to, xor(x, calldataload(from)))
        }
    }

    /// @dev Ten double rounds on two blocks, without adding the first state at the end.
    function _rounds(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256, uint256, uint256, uint256) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            for { let i := 10 } i { i := sub(i, 1) } {
                a := xor(add(and(a, ADDEND), and(b, ADDEND)), and(xor(a, b), CARRY))
                { let t := xor(d, a) d := or(and(shl(16, t), HIGH_16), and(shr(16, t), LOW_16)) }
                c := xor(add(and(c, ADDEND), and(d, ADDEND)), and(xor(c, d), CARRY))
                { let t := xor(b, c) b := or(and(shl(12, t), HIGH_12), and(shr(20, t), LOW_12)) }
                a := xor(add(and(a, ADDEND), and(b, ADDEND)), and(xor(a, b), CARRY))
                { let t := xor(d, a) d := or(and(shl(8, t), HIGH_8), and(shr(24, t), LOW_8)) }
                c := xor(add(and(c, ADDEND), and(d, ADDEND)), and(xor(c, d), CARRY))
                { let t := xor(b, c) b := or(and(shl(7, t), HIGH_7), and(shr(25, t), LOW_7)) }
                b := or(shl(64, b), shr(192, b))
                c := or(shl(128, c), shr(128, c))
                d := or(shl(192, d), shr(64, d))
                a := xor(add(and(a, ADDEND), and(b, ADDEND)), and(xor(a, b), CARRY))
                { let t := xor(d, a) d := or(and(shl(16, t), HIGH_16), and(shr(16, t), LOW_16)) }
                c := xor(add(and(c, ADDEND), and(d, ADDEND)), and(xor(c, d), CARRY))
                { let t := xor(b, c) b := or(and(shl(12, t), HIGH_12), and(shr(20, t), LOW_12)) }
                a := xor(add(and(a, ADDEND), and(b, ADDEND)), and(xor(a, b), CARRY))
                { let t := xor(d, a) d := or(and(shl(8, t), HIGH_8), and(shr(24, t), LOW_8)) }
                c := xor(add(and(c, ADDEND), and(d, ADDEND)), and(xor(c, d), CARRY))
                { let t := xor(b, c) b := or(and(shl(7, t), HIGH_7), and(shr(25, t), LOW_7)) }
                b := or(shl(192, b), shr(64, b))
                c := or(shl(128, c), shr(128, c))
                d := or(shl(64, d), shr(192, d))
            }
        }
        return (a, b, c, d);
    }

    /// @dev Little-endian words to numbers, and back.
    function _swapBytes(uint256 x) private pure returns (uint256) {
        x = (x << 8) & ~BYTES | (x >> 8) & BYTES;
        return (x << 16) & HIGH_16 | (x >> 16) & LOW_16;
    }

    /// @dev A row of four words, in the low 128 bits, for both blocks.
    function _spread(uint256 x) private pure returns (uint256) {
        x = (x | x << 64) & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
        x = (x | x << 32) & ODD;
        return x | x << 32;
    }
}
