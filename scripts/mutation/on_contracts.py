"""The campaign on the contracts: which files, whose tests, and the three judges, the cheapest first."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mutation import forked, solidity, walks
from mutation.mutants import Mutant, drawn, named

ROOT = Path(__file__).resolve().parent.parent.parent
LOG = ROOT / "build" / "mutation" / "last.log"
SEEDS = range(12)
BATCH = 8
WALK_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Target:
    """A file that is changed, what is compiled from it, how many mutants are drawn, and who judges."""

    file: str
    contracts: tuple[str, ...]
    number: int
    moves: tuple[str, ...]
    tests: str
    further: tuple[str, ...] = ()


def _target(name: str, number: int, moves: str, folder: str, *further: str) -> Target:
    moved = tuple(f"moves_of_{one}" for one in moves.split())
    return Target(f"contracts/{name}.sol", (name,), number, moved, f"tests/contracts/unit/{folder}", further)


ATTACKS = "tests/contracts/attacks"
TARGETS = (
    _target("Ledger", 45, "money", "ledger"),
    _target("RevenueGraph", 75, "revenue", "revenue_graph", f"{ATTACKS}/test_profit_splits.py"),
    _target("Escrow", 40, "time", "escrow"),
    _target("KeyExchange", 70, "sales batches", "key_exchange", f"{ATTACKS}/test_fair_sales.py"),
    _target("LicenseDesk", 70, "time sales", "license_desk"),
    _target("AssetRegistry", 50, "assets batches", "asset_registry"),
    _target("OmissionCourt", 40, "omissions", "omission_court"),
    Target(
        "contracts/libraries/SumTree.sol",
        ("RevenueGraph", "LibraryDoors"),
        15,
        ("moves_of_revenue",),
        "tests/contracts/unit/sum_tree",
        ("tests/contracts/unit/revenue_graph/test_claim.py",),
    ),
)


Code = dict[str, str]
Judge = Callable[[Code, Target], str]


class Compiler:
    """The compiler, kept running: what it read it remembers."""

    def __init__(self) -> None:
        command = ["node", str(ROOT / "scripts" / "mutation" / "compiler.cjs")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)

    def ask(self, sources: dict[str, str], wanted: dict[str, list[str]], **how: bool) -> None:
        """Begin to compile; the answer is fetched later."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"sources": sources, "wanted": wanted, **how}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the answer to the oldest question."""
        assert self._process.stdout
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def code(self, target: Target, source: str, **how: bool) -> Code:
        """A target's code when its file says ``source``. Raises RuntimeError when it does not compile."""
        self.ask(*_question(target, source), **how)
        answer = self.answer()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return _joined(answer)

    def tree(self, file: str) -> dict[str, Any]:
        """The syntax tree of a file."""
        self.ask({file: (ROOT / file).read_text("utf-8")}, {file: []}, ast=True)
        tree: dict[str, Any] = self.answer()["ast"][file]
        return tree

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _question(target: Target, source: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    wanted = {_file(name): [name] for name in target.contracts}
    sources = {file: (ROOT / file).read_text("utf-8") for file in wanted}
    return sources | {target.file: source}, wanted


def _file(contract: str) -> str:
    return str(next((ROOT / "contracts").rglob(f"{contract}.sol")).relative_to(ROOT))


def _joined(answer: dict[str, Any]) -> Code:
    return {name: code for made in answer["code"].values() for name, code in made.items()}


def all_of(target: Target, compiler: Compiler) -> list[Mutant]:
    """All mutants of a target's file."""
    source = (ROOT / target.file).read_bytes()
    return list(named(target.file, source, solidity.changes(compiler.tree(target.file), source)))


def mutants_of(target: Target, compiler: Compiler) -> list[Mutant]:
    """The mutants of a target that are judged, in their order."""
    return drawn(all_of(target, compiler), target.number)


def versions(mutants: Sequence[Mutant], target: Target, compiler: Compiler) -> Iterator[tuple[Mutant, Code | None]]:
    """Every mutant with its code, or nothing where the compiler refuses it.

    Several at once, as files beside the real one, where the file is a contract: most of the time goes into what it
    imports. One that is refused refuses its whole batch, so that the others are compiled alone.
    """
    source = (ROOT / target.file).read_bytes()
    alone = target.file != f"contracts/{target.contracts[0]}.sol"
    for start in range(0, len(mutants), 1 if alone else BATCH):
        batch = mutants[start : start + BATCH] if not alone else mutants[start : start + 1]
        files = {target.file if alone else f"contracts/{one.id}.sol": one for one in batch}
        sources = {file: one.applied(source).decode() for file, one in files.items()}
        if not alone:
            compiler.ask(sources, {file: list(target.contracts) for file in files})
            made = compiler.answer()
            if "error" not in made:
                yield from ((one, made["code"][file]) for file, one in files.items())
                continue
        for file, one in files.items():
            try:
                yield one, compiler.code(target, sources[file])
            except RuntimeError:
                yield one, None


def walked(code: Code, target: Target, seeds: range = SEEDS) -> str:
    """What the walk noticed, or nothing; nothing either where the walk does not come."""
    if not target.moves or not set(target.contracts) & set(walks.WALKED):
        return ""
    return forked.verdict(lambda: walks.judge(code, seeds, target.moves), WALK_SECONDS, LOG)


def tests_of(target: Target) -> list[str]:
    """All test files that judge a target."""
    found = sorted(str(one.relative_to(ROOT)) for one in (ROOT / target.tests).glob("test_*.py"))
    return [*found, *target.further]


def own_tests(target: Target, place: str) -> list[str]:
    """The test file named after a function, and then those that speak of it most."""
    name = place.split(".")[1].strip("_")
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    told = {one: (ROOT / one).read_text("utf-8").count(f"{name}(") for one in tests_of(target)}
    named = [one for one in told if one.endswith(f"/test_{words}.py")]
    return named + sorted((one for one in told if told[one] and one not in named), key=told.__getitem__, reverse=True)
