"""WebAssembly programs that come to the data, honest and not, written as text."""

from __future__ import annotations

import struct
from typing import Final

import wasmtime

_IMPORTS: Final = """
(import "thenar" "size" (func $size (param i32) (result i32)))
(import "thenar" "read" (func $read (param i32 i32 i32 i32) (result i32)))
(import "thenar" "write" (func $write (param i32 i32)))
(memory (export "memory") 2)
(global $part (mut i32) (i32.const 0))
"""


def program(segment: str, start: str = "") -> bytes:
    """A module from the bodies of its two functions; memory is what a segment inherits from the start."""
    text = (
        f'(module {_IMPORTS} (func (export "start") (param $unit i32) (param $seed i64) {start})'
        f' (func (export "segment") (param $index i32) (result i32) {segment}))'
    )
    return bytes(wasmtime.wat2wasm(text))


SUM: Final = program(
    """(local $at i32) (local $got i32) (local $i i32) (local $sum i64)
    (block $done (loop $more
      (local.set $got (call $read (i32.const 0) (local.get $at) (i32.const 64) (i32.const 65536)))
      (br_if $done (i32.eqz (local.get $got)))
      (local.set $i (i32.const 0))
      (loop $byte
        (local.set $sum (i64.add (local.get $sum) (i64.load8_u offset=64 (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $byte (i32.lt_u (local.get $i) (local.get $got))))
      (local.set $at (i32.add (local.get $at) (local.get $got)))
      (br $more)))
    (i32.store offset=4 (i32.const 0) (call $size (i32.const 0)))
    (i64.store offset=8 (i32.const 0) (local.get $sum))
    (call $write (i32.const 0) (i32.const 16)) (i32.const 0)""",
    start="(i32.store (i32.const 0) (local.get $unit))",
)
"""Puts out the part, the size and the sum of all bytes."""
COPY: Final = program(
    """(local $at i32) (local $got i32)
    (block $done (loop $more
      (local.set $got (call $read (i32.const 0) (local.get $at) (i32.const 0) (i32.const 65536)))
      (br_if $done (i32.eqz (local.get $got)))
      (call $write (i32.const 0) (local.get $got))
      (local.set $at (i32.add (local.get $at) (local.get $got)))
      (br $more)))
    (i32.const 0)"""
)
"""Puts out the whole input."""
TRAP: Final = program("unreachable")
"""Ends in a trap."""


def summed(part: int, data: bytes) -> bytes:
    """What SUM puts out."""
    return struct.pack("<IIQ", part, len(data), sum(data))


SLOW: Final = program(
    """(local $i i32)
    (loop $more (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 150000000))))
    (i32.store (i32.const 0) (call $size (i32.const 0)))
    (call $write (i32.const 0) (i32.const 4)) (i32.const 0)"""
)
"""Puts out the size, after a while."""
