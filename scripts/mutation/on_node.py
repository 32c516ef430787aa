"""The campaign on the node's core: which modules, and whose tests judge them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from mutation import python
from mutation.mutants import Mutant, drawn, named
from mutation.sessions import Put, Session

ROOT = Path(__file__).resolve().parent.parent.parent
LOG = ROOT / "build" / "mutation" / "last_python.log"
SECONDS = 180
WRAPPED = ("fget", "__func__", "func")  # properties, methods of classes, and what is worked out once


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the core, how many mutants are drawn, and the tests that judge it."""

    path: str
    number: int
    tests: tuple[str, ...]

    @property
    def file(self) -> str:
        """Its path in the checkout."""
        return f"node/thenar/{self.path}.py"

    @property
    def name(self) -> str:
        """Its name for an import."""
        return f"thenar.{self.path.replace('/', '.')}"


def _module(path: str, number: int, *tests: str) -> Module:
    return Module(path, number, tuple(f"tests/node/{one}.py" for one in tests))


MODULES = (
    _module("domain/money", 20, "domain/test_money"),
    _module("domain/canonical", 45, "domain/test_canonical"),
    _module("domain/merkle", 55, "domain/test_merkle"),
    _module("domain/keytree", 55, "domain/test_keytree"),
    _module("domain/sumtree", 70, "domain/test_sumtree"),
    _module("domain/unixfs", 80, "domain/test_unixfs", "adapters/test_dag"),
    _module("domain/licenses", 40, "domain/test_licenses", "services/test_licensing"),
    _module("adapters/journal/outbox", 40, "adapters/journal/test_journal", "adapters/journal/test_outbox"),
    _module("adapters/journal/codec", 30, "adapters/journal/test_journal"),
    _module("adapters/chain/codec", 40, "adapters/chain/test_decode", "adapters/chain/test_calls"),
    _module("adapters/chain/decode", 40, "adapters/chain/test_decode"),
    _module("adapters/chain/reader", 60, "adapters/chain/test_reader"),
    _module("services/follow", 20, "services/test_follow"),
    _module("adapters/compute/seccomp", 30, "adapters/compute/test_seccomp"),
)


def mutants_of(module: Module) -> list[Mutant]:
    """The mutants of a module, in the order they are judged."""
    source = (ROOT / module.file).read_bytes()
    return drawn(named(module.file, source, python.changes(source)), module.number)


def session(tests: Sequence[str], work: Callable[[Session], None]) -> None:
    """Collect these tests and let ``work`` judge."""
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:pytest-brownie", "-p", "no:xdist", "--hypothesis-seed=0"]
    pytest.main([*tests, *plain], [Session(work, SECONDS, LOG)])


def in_place(module: Module, source: bytes) -> Put:
    """Put ``source`` in place of a module that is imported: its functions stay who they are and do something else."""

    def put() -> None:
        made = _codes(compile(source, str(ROOT / module.file), "exec"))
        for function in _functions(vars(sys.modules[module.name]), module.name):
            code = made.get(function.__code__.co_qualname)
            if code is not None:
                function.__code__ = code

    return put


def _codes(code: CodeType) -> dict[str, CodeType]:
    """Every function's code by its qualified name."""
    found: dict[str, CodeType] = {}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= {inner.co_qualname: inner} | _codes(inner)
    return found


def _functions(names: Mapping[str, Any], module: str) -> Iterator[FunctionType]:
    """Every function a module or class defines, under whatever it is wrapped in."""
    for value in list(names.values()):
        for one in (value, *(getattr(value, name, None) for name in WRAPPED)):
            function = inspect.unwrap(one) if callable(one) else one
            if isinstance(function, FunctionType) and function.__module__ == module:
                yield function
        if isinstance(value, type) and value.__module__ == module:
            yield from _functions(vars(value), module)
