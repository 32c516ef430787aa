"""WebAssembly, segment by segment: a module's memory is its state, and fuel is the count of its work.

Each segment runs in an instance of its own, given the memory of the checkpoint before it, so that nothing but memory
can survive a segment: not globals, not tables, not a host's handle. A module exports ``memory``, ``start(unit: i32,
seed: i64)``, run once, and ``segment(index: i32) -> i32``, which gives 0 to go on. It may import from ``thenar``:
``size(file: i32) -> i32``, ``read(file, offset, into, count: i32) -> i32`` and ``write(from, count: i32)``.
"""

from __future__ import annotations

import ctypes
import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import wasmtime

from thenar.domain.work.checkpoints import HEADER_BYTES, Checkpoint, Status, first
from thenar.domain.work.jobs import STATE_BYTES, JobSpec
from thenar.domain.work.jobwork import Wasm
from thenar.errors import BadInput, Unavailable

PAGE: Final = 65536
BLOCK: Final = 256
MAX_MODULE: Final = 16 * 1024 * 1024
STACK: Final = 512 * 1024
_HEAD: Final = struct.Struct("<QI")  # bytes of output so far, pages
_PLACE: Final = struct.Struct("<I")
_EXPORTS: Final = {"start": (["i32", "i64"], []), "segment": (["i32"], ["i32"])}
_IMPORTS: Final = {
    "size": (["i32"], ["i32"]),
    "read": (["i32", "i32", "i32", "i32"], ["i32"]),
    "write": (["i32", "i32"], list[str]()),
}

Done = tuple[Checkpoint, bytes]


def engine(pages: int) -> wasmtime.Engine:
    """The engine of class X2: no threads, no SIMD, NaNs in one spelling, fuel counted.

    The room a memory may grow into is set aside at once, so that growing never depends on this machine.
    """
    config = wasmtime.Config()
    config.consume_fuel = True
    config.cranelift_nan_canonicalization = True
    config.parallel_compilation = False
    config.max_wasm_stack = STACK
    config.memory_reservation = pages * PAGE
    config.memory_reservation_for_growth = 0
    config.memory_guard_size = 0
    config.signals_based_traps = False
    for feature in ("threads", "simd", "relaxed_simd", "tail_call", "multi_memory", "memory64", "gc", "exceptions"):
        setattr(config, f"wasm_{feature}", False)
    return wasmtime.Engine(config)


class _Ended(Exception):
    """A host call asked for something impossible: the unit failed."""


class Modules:
    """The units of a job that is a module. Raises BadInput for a module that is not one of ours."""

    lanes: Final = 1

    def __init__(self, spec: JobSpec, files: Mapping[str, bytes]) -> None:
        if not isinstance(spec.work, Wasm):
            raise BadInput(f"{spec.kind} is not a module")
        self._spec, self._work, self._digest = spec, spec.work, spec.digest
        self._inputs = [files[name] for name in spec.work.inputs]
        self._engine = engine(spec.work.pages)
        self._images: dict[bytes, bytes] = {}
        code = files[spec.work.module]
        if len(code) > MAX_MODULE or code[:4] != b"\0asm":
            raise BadInput(f"the module is not WebAssembly of at most {MAX_MODULE:,} bytes")
        try:
            self._module = wasmtime.Module(self._engine, code)
        except wasmtime.WasmtimeError as cause:
            raise BadInput(f"the module does not compile: {' '.join(str(cause).split())[:300]}") from cause
        self._check()

    def _check(self) -> None:
        for wanted in self._module.imports:
            known = _IMPORTS.get(str(wanted.name)) if wanted.module == "thenar" else None
            if known is None or not _takes(wanted.type, *known):
                raise BadInput(f"the module imports {wanted.module}.{wanted.name}, which jobs do not have")
        found = {export.name: export.type for export in self._module.exports}
        memory = found.get("memory")
        if not isinstance(memory, wasmtime.MemoryType):
            raise BadInput("the module exports no memory")
        if memory.limits.min > self._work.pages:
            raise BadInput(f"the module begins with {memory.limits.min} pages, the spec allows {self._work.pages}")
        for name, (takes, gives) in _EXPORTS.items():
            if not _takes(found.get(name), takes, gives):
                raise BadInput(f"the module exports no {name}({', '.join(takes)}) -> ({', '.join(gives)})")

    def first(self, unit: int) -> Checkpoint:
        """The checkpoint after the module's start."""
        before = first(self._spec.class_id, self._digest, unit, b"")
        status, image, output, _ = self._call(None, 0, lambda exports, store: self._start(exports, store, unit))
        if status is not Status.OK:
            return Checkpoint(before.class_id, before.spec, unit, 0, status, 0, before.output, b"")
        state = self._state(image, len(output))
        if state is None:
            return Checkpoint(before.class_id, before.spec, unit, 0, Status.LIMIT, 0, before.output, b"")
        return first(self._spec.class_id, self._digest, unit, state)

    def advance(self, at: Sequence[Checkpoint]) -> list[Done]:
        """One segment further for each of the units."""
        return [self._one(before) for before in at]

    def _one(self, before: Checkpoint) -> Done:
        if before.status is not Status.OK:
            return before.ended(before.status), b""
        written, image = self._image(before)
        status, after, output, fuel = self._call(
            image, written, lambda exports, store: exports["segment"](store, before.index)
        )
        if status is not Status.OK:
            return before.ended(status), b""
        state = self._state(after, written + len(output))
        if state is None:
            return before.ended(Status.LIMIT), b""
        return before.after(state, output, fuel), output

    def _start(self, exports: Any, store: wasmtime.Store, unit: int) -> int:
        exports["start"](store, _signed(unit, 32), self._spec.seed)
        return 0

    def _call(
        self, image: bytes | None, written: int, call: Callable[[Any, wasmtime.Store], int]
    ) -> tuple[Status, bytes, bytes, int]:
        """One call in an instance of its own: how it ended, memory after it, output, fuel."""
        store = wasmtime.Store(self._engine)
        store.set_limits(memory_size=self._work.pages * PAGE, instances=1, tables=4, memories=1, table_elements=1 << 16)
        store.set_fuel(self._spec.segment)
        host = _Host(self._inputs, self._spec.limits.output_bytes - written)
        try:
            exports = wasmtime.Instance(store, self._module, host.functions(store, self._module)).exports(store)
            host.memory = exports["memory"]
            _restore(host.memory, store, image)
            answer = call(exports, store)
        except wasmtime.WasmtimeError as cause:  # this machine's fault, not the module's
            raise Unavailable(f"a module cannot run here: {' '.join(str(cause).split())[:300]}") from cause
        except (wasmtime.Trap, _Ended) as end:
            spent = host.full or (isinstance(end, wasmtime.Trap) and end.trap_code == wasmtime.TrapCode.OUT_OF_FUEL)
            return (Status.LIMIT if spent else Status.FAILED), b"", b"", 0
        if answer != 0:
            return Status.FAILED, b"", b"", 0
        fuel = self._spec.segment - store.get_fuel()
        return Status.OK, _snapshot(host.memory, store), bytes(host.written), fuel

    def _state(self, image: bytes, written: int) -> bytes | None:
        """What a checkpoint holds of a memory: its blocks that are not zero, or its digest; None when too much."""
        head = _HEAD.pack(written, len(image) // PAGE)
        if self._work.replay == "unit":
            digest = hashlib.sha256(head + image).digest()
            self._images = {digest: image} if len(self._images) > 4 else {**self._images, digest: image}
            return head + digest
        parts = [head]
        zero, size = bytes(BLOCK), len(head)
        for at in range(0, len(image), BLOCK):
            block = image[at : at + BLOCK]
            if block != zero:
                parts += [_PLACE.pack(at // BLOCK), block]
                size += _PLACE.size + BLOCK
        return b"".join(parts) if size + HEADER_BYTES <= STATE_BYTES else None

    def _image(self, before: Checkpoint) -> tuple[int, bytes]:
        """Output so far and the memory of a checkpoint. Raises BadInput for bytes that are not a state."""
        if len(before.state) < _HEAD.size:
            raise BadInput("these bytes are not the state of a module")
        written, pages = _HEAD.unpack_from(before.state)
        if pages > self._work.pages or written > self._spec.limits.output_bytes:
            raise BadInput("these bytes are not the state of this module")
        if self._work.replay == "unit":
            return written, self._again(before)
        blocks, odd = divmod(len(before.state) - _HEAD.size, _PLACE.size + BLOCK)
        if odd:
            raise BadInput("these bytes are not the state of a module")
        image = bytearray(pages * PAGE)
        for number in range(blocks):
            at = _HEAD.size + number * (_PLACE.size + BLOCK)
            place = _PLACE.unpack_from(before.state, at)[0] * BLOCK
            if place >= len(image):
                raise BadInput("these bytes are not the state of this module")
            image[place : place + BLOCK] = before.state[at + _PLACE.size : at + _PLACE.size + BLOCK]
        return written, bytes(image)

    def _again(self, before: Checkpoint) -> bytes:
        """The memory a digest stands for: kept from a moment ago, or made again from the unit's start."""
        digest = before.state[_HEAD.size :]
        if digest not in self._images:
            now = self.first(before.unit)
            while now.index < before.index and now.status is Status.OK:
                now, _ = self._one(now)
            if now.state != before.state:
                raise BadInput("this checkpoint is not one of this unit: running it again comes to another")
        return self._images[digest]


class _Host:
    """What a module may ask of its host during one call."""

    def __init__(self, inputs: list[bytes], room: int) -> None:
        self._inputs, self._room = inputs, room
        self.written, self.full = bytearray(), False
        self.memory: Any = None

    def functions(self, store: wasmtime.Store, module: wasmtime.Module) -> list[Any]:
        """The imports a module asks for, in its order."""
        own: dict[str, Callable[..., Any]] = {"size": self._size, "read": self._read, "write": self._write}
        asked = [(str(wanted.name), wanted.type) for wanted in module.imports]
        return [
            wasmtime.Func(store, kind, own[name], access_caller=True)
            for name, kind in asked
            if isinstance(kind, wasmtime.FuncType)
        ]

    def _size(self, _: Any, file: int) -> int:
        return len(self._file(file))

    def _read(self, caller: Any, file: int, offset: int, into: int, count: int) -> int:
        part = self._file(file)[offset & 0xFFFFFFFF :][: count & 0xFFFFFFFF]
        address = self._span(caller, into, len(part))
        ctypes.memmove(address, part, len(part))
        return len(part)

    def _write(self, caller: Any, start: int, count: int) -> None:
        size = count & 0xFFFFFFFF
        address = self._span(caller, start, size)
        if len(self.written) + size > self._room:
            self.full = True
            raise _Ended
        self.written += ctypes.string_at(address, size)

    def _file(self, file: int) -> bytes:
        if not 0 <= file < len(self._inputs):
            raise _Ended
        return self._inputs[file]

    def _span(self, caller: Any, start: int, size: int) -> int:
        if self.memory is None:
            raise _Ended
        at = start & 0xFFFFFFFF
        if at + size > self.memory.data_len(caller):
            raise _Ended
        return ctypes.addressof(self.memory.data_ptr(caller).contents) + at


def _takes(kind: object, takes: list[str], gives: list[str]) -> bool:
    """Whether something is a function that takes and gives numbers of these types."""
    if not isinstance(kind, wasmtime.FuncType):
        return False
    return [str(part) for part in kind.params] == takes and [str(part) for part in kind.results] == gives


def _restore(memory: Any, store: wasmtime.Store, image: bytes | None) -> None:
    """Make a fresh instance's memory that of a checkpoint, if there is one."""
    if image is None:
        return
    missing = len(image) // PAGE - memory.size(store)
    if missing < 0 or (missing and memory.grow(store, missing) < 0):
        raise BadInput("these bytes are not the state of this module")
    ctypes.memmove(ctypes.addressof(memory.data_ptr(store).contents), image, len(image))


def _snapshot(memory: Any, store: wasmtime.Store) -> bytes:
    return ctypes.string_at(ctypes.addressof(memory.data_ptr(store).contents), memory.data_len(store))


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
