"""What of our contracts a test run has reached, gathered from traces without stack and memory.

Brownie asks for both at every step, sends each view as a transaction and undoes it again. Here a transaction's trace is
its program counters and depths, the tree of calls says whose code runs at each depth, and a view is traced where it
stands. What counts as reached is decided as in Brownie, so its report and its format stay.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from brisk_brownie import ask
from brownie._config import CONFIG
from brownie.exceptions import RPCRequestError
from brownie.network import contract as brownie_contract
from brownie.network import state
from brownie.network.transaction import TransactionReceipt
from brownie.test import coverage

BRIEF = {"disableStorage": True, "enableMemory": False, "disableStack": True}
TREE = {"tracer": "callTracer"}
CALLS = frozenset({"CALL", "STATICCALL", "DELEGATECALL", "CALLCODE", "CREATE", "CREATE2"})

Sides = list[set[int]]
"""Statements, branches not taken, branches taken, each by its number in its file."""
Reached = dict[str, dict[str, Sides]]
"""By contract and file."""


def _nothing() -> Sides:
    return [set(), set(), set()]


_number = itertools.count()
_marks: dict[str, dict[int, Mark]] = {}
_known: defaultdict[tuple[str, str], Sides] = defaultdict(_nothing)


class Mark(NamedTuple):
    """What reaching a program counter means."""

    path: str
    statement: int | None
    branch: int | None
    is_jump: bool


@dataclass(slots=True)
class Frame:
    """A call under way: whose code runs, what it has reached, and the calls it makes, in order."""

    name: str = ""
    marks: dict[int, Mark] = field(default_factory=dict)
    calls: Iterator[dict[str, Any]] = field(default_factory=lambda: iter(()))
    branches: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, call: dict[str, Any]) -> Frame:
        """Open the frame of a call; code that is not ours has no marks."""
        calls = iter(call.get("calls", ()))
        contract = state._find_contract(call.get("to"))
        if contract is None or "pcMap" not in contract._build:
            return cls(calls=calls)
        return cls(contract._name, _marks_of(contract), calls)


def install() -> None:
    """Take over from Brownie's own tracing; only when a run asks for coverage."""
    brownies = TransactionReceipt.trace.fget

    def trace(receipt: Any) -> Any:
        if "_traced" in receipt.__dict__:
            return brownies(receipt)
        receipt._traced = True  # the first to ask is Brownie, before anything else can happen on the chain
        if receipt.contract_address is None:
            gather("debug_traceTransaction", receipt.receiver, receipt.txid)
        return []  # nothing for Brownie to expand

    views_are_calls()
    coverage._check_cached = lambda *_: False
    TransactionReceipt.trace = property(trace)
    brownie_contract._ContractMethod.call = _traced(brownie_contract._ContractMethod.call)


def views_are_calls() -> None:
    """Keep Brownie from sending views as transactions; one of its markers turns that on again."""
    CONFIG.argv["always_transact"] = False


def _traced(call: Any) -> Any:
    def traced(method: Any, *arguments: Any, block_identifier: Any = None, override: Any = None) -> Any:
        if block_identifier is None and override is None:
            plain, sent = brownie_contract._get_tx(method._owner, arguments)
            asked = {"to": method._address, "data": method.encode_input(*plain)}
            if sent["from"]:
                asked["from"] = str(sent["from"])
            gather("debug_traceCall", method._address, asked, "latest")
        return call(method, *arguments, block_identifier=block_identifier, override=override)

    return traced


def gather(method: str, receiver: Any, *what: Any) -> None:
    """Trace a transaction or a call, and hand to Brownie what it reached and nothing before it did."""
    steps = ask(method, *what, BRIEF)["structLogs"]
    if not steps:
        return
    deep = any(step["depth"] > 1 for step in steps)
    fresh = _news(walk(steps, ask(method, *what, TREE) if deep else {"to": str(receiver)}))
    if fresh:
        name = f"{os.getpid()} {next(_number)}"  # of no use to Brownie but to tell entries apart, also between workers
        coverage._add_transaction(hashlib.sha1(name.encode()).hexdigest(), fresh)


def walk(steps: Sequence[dict[str, Any]], tree: dict[str, Any]) -> Reached:
    """Follow a trace through its calls, and note every statement and side of a branch that is ours."""
    frames, call = [Frame.of(tree)], None
    reached: Reached = defaultdict(lambda: defaultdict(_nothing))
    following = iter(steps)
    next(following)
    for step, after in zip(steps, [*following, {"pc": -1}], strict=True):
        depth, pc = step["depth"], step["pc"]
        if depth > len(frames):
            if call is None:
                raise RPCRequestError(f"a trace goes deeper at {pc} than its calls")
            frames.append(Frame.of(call))
        elif depth < len(frames):
            del frames[depth:]
        frame = frames[-1]
        if step["op"] in CALLS:
            call = next(frame.calls, None)
        mark = frame.marks.get(pc)
        if mark is not None:
            _note(reached[frame.name][mark.path], mark, frame.branches, falls_through=after["pc"] == pc + 1)
    return reached


def _note(sides: Sides, mark: Mark, open_branches: set[int], *, falls_through: bool) -> None:
    if mark.statement is not None:
        sides[0].add(mark.statement)
    if mark.branch is None:
        return
    if not mark.is_jump:
        open_branches.add(mark.branch)
    elif mark.branch in open_branches:
        sides[1 if falls_through else 2].add(mark.branch)
        open_branches.remove(mark.branch)


def _marks_of(contract: Any) -> dict[int, Mark]:
    """What the compiler says about every program counter of a contract that matters here."""
    if contract._name not in _marks:
        _marks[contract._name] = {
            pc: Mark(one["path"], one.get("statement"), one.get("branch"), one["op"] == "JUMPI")
            for pc, one in contract._build["pcMap"].items()
            if "fn" in one and "path" in one and ("statement" in one or "branch" in one)
        }
    return _marks[contract._name]


def _news(reached: Reached) -> Reached:
    """What was not known yet; it is from now on."""
    fresh: Reached = {}
    for name, files in reached.items():
        for path, sides in files.items():
            more = [now - before for now, before in zip(sides, _known[name, path], strict=True)]
            if any(more):
                fresh.setdefault(name, {})[path] = more
                for before, now in zip(_known[name, path], more, strict=True):
                    before |= now
    return fresh
