"""The whole network in one process under virtual time: real nodes and real contracts, every fault, one seed.

Usage: .venv/bin/python tests/simulation/whole_network.py --seed 7 [8 9 …] [--nodes 50] [--days 90] [--log FILE]
       [--plant NAME]

The same seed, size and version give the same log, byte for byte; its SHA-256 is printed with the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
for place in ("node", "tests/support", "tests/invariants", "tests/simulation"):
    if str(ROOT / place) not in sys.path:
        sys.path.insert(0, str(ROOT / place))

import trio  # noqa: E402
import trio.testing  # noqa: E402
from laws import Laws  # noqa: E402
from life import Person  # noqa: E402
from machine import CHAIN_ID, DEPLOYER, START  # noqa: E402
from net_of_peers import Net  # noqa: E402
from paper_evm import PaperEvm  # noqa: E402
from plants import PLANTS, planted  # noqa: E402
from resident import Resident, SharedDecoder, Surroundings  # noqa: E402
from stretched import BLOCK, stretched  # noqa: E402
from weather import Weather  # noqa: E402

from thenar.adapters.chain.blueprint import Parameters, as_mapping  # noqa: E402
from thenar.adapters.chain.deployments import Deployment, Placed  # noqa: E402

DAY = 86_400
FORTUNE, PURSE, STAKE = 10**13, 10**10, 500 * 10**6
ROLES = 1 | 2 | 4 | 16
TERMS = (3 | 32, 50_000, 0, 0, 0, False, bytes(32), bytes(32))
KEEPERS = 0.1
"""The share of nodes that keep what others publish."""
LENDERS = 0.5
"""The share of nodes that are lent for work."""
PARAMETERS = Parameters(
    delivery_window=2 * DAY,
    dispute_window=2 * DAY,
    unbonding_period=20 * DAY,
    challenge_window=5 * DAY,
    answer_window=2 * DAY,
    round_length=7 * DAY,
    answer_time=36 * 3_600,
    show_time=2 * DAY,
    preview_bond=5 * 10**5,
    seat_notice=20 * DAY,
    work_limit=3 * DAY,
    hold_window=36 * 3_600,
    reveal_window=DAY,
    show_window=36 * 3_600,
    court_clock=4 * DAY,
    vote_window=2 * DAY,
    ballot_window=2 * DAY,
    appeal_window=DAY,
    run_window=2 * DAY,
    reject_window=DAY,
    capture_reveal_window=2 * DAY,
    capture_challenge_window=2 * DAY,
    epoch_length=20 * DAY,
    epoch_window=2 * DAY,
)


@dataclass(frozen=True)
class Size:
    """How much is simulated. Nothing goes wrong in the last ``calm`` days, so that everything can end."""

    nodes: int = 50
    days: float = 90.0
    calm: float = 12.0
    trouble: float = 1.0


@dataclass(frozen=True)
class Result:
    """What came of a seed."""

    seed: int
    nodes: int
    days: float
    events: int
    digest: str
    seconds: float
    cpu: float
    broken: tuple[str, ...]
    told: dict[str, int]
    checks: int

    @property
    def speed(self) -> float:
        """Simulated seconds per second."""
        return self.days * DAY / self.seconds

    @property
    def command(self) -> str:
        """What replays it."""
        size = f"--seed {self.seed} --nodes {self.nodes} --days {self.days:g}"
        return f".venv/bin/python tests/simulation/whole_network.py {size}"


class Notes(logging.Handler):
    """The event log: what the network does and what its nodes say, one line each, hashed as it is written."""

    def __init__(self, out: IO[str] | None = None) -> None:
        super().__init__(logging.INFO)
        self.count, self._hash, self._out = 0, hashlib.sha256(), out

    def note(self, *words: object) -> None:
        """Write one line."""
        line = f"{trio.current_time():.3f} {json.dumps(words, default=str)}\n"
        self.count += 1
        self._hash.update(line.encode())
        if self._out is not None:
            self._out.write(line)

    def emit(self, record: logging.LogRecord) -> None:
        """What a node says."""
        told = [getattr(record, name) for name in ("duty", "key", "reason", "origin", "depth") if hasattr(record, name)]
        self.note("said", record.name, record.getMessage(), *told)

    @property
    def digest(self) -> str:
        """SHA-256 of all lines so far."""
        return self._hash.hexdigest()


@contextlib.contextmanager
def _listening(notes: Notes) -> Iterator[None]:
    logger = logging.getLogger("thenar")
    before, spread = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(notes)
    try:
        yield
    finally:
        logger.removeHandler(notes)
        logger.setLevel(before)
        logger.propagate = spread


def simulate(seed: int, size: Size, out: IO[str] | None = None, *, to_the_end: bool = True) -> Result:
    """Run one seed, to its end or until something is broken. What is broken is in the result."""
    notes, began, worked = Notes(out), time.perf_counter(), time.process_time()
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=shared) as folder, stretched(seed), _listening(notes):
        clock = trio.testing.MockClock(autojump_threshold=0)
        told, broken, checks = trio.run(_run, seed, size, notes, Path(folder), to_the_end, clock=clock)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    counts = dict(sorted(told.items()))
    return Result(seed, size.nodes, size.days, notes.count, notes.digest, seconds, cpu, tuple(broken), counts, checks)


async def _run(
    seed: int, size: Size, notes: Notes, folder: Path, to_the_end: bool
) -> tuple[Counter[str], list[str], int]:
    dice = random.Random(seed)
    chain = PaperEvm(PARAMETERS, random.Random(f"{seed}/chain"))
    around = _surroundings(chain, random.Random(f"{seed}/net"), folder, notes)
    keepers = max(2, round(size.nodes * KEEPERS))
    lenders = size.nodes - max(3, round(size.nodes * LENDERS))
    residents = [
        Resident(around, f"n{one:02d}", str(seed), keeps=one < keepers, lends=one >= lenders)
        for one in range(size.nodes)
    ]
    _settle(chain, residents)
    people = [Person(one, around) for one in residents]
    laws = Laws(around, people, size.nodes * FORTUNE)
    chain.on_sent.append(laws.hear)
    chain.on_block.append(laws.see)
    chain.on_block.append(lambda block: notes.note("block", block.number, block.hash, [one.hash for one in block.sent]))
    weather = Weather(around, residents, random.Random(f"{seed}/weather"), size.trouble)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(around.net.run)
        nursery.start_soon(_mine, chain, dice)
        nursery.start_soon(laws.look)
        if not to_the_end:
            nursery.start_soon(_until_broken, around.broken, nursery.cancel_scope)
        for person in people:
            nursery.start_soon(person.resident.live, person.lead)
        with trio.move_on_after((size.days - size.calm) * DAY):
            await weather.blow()
        around.quiet = True
        notes.note("calm")
        await trio.sleep(size.calm * DAY)
        laws.close()
        nursery.cancel_scope.cancel()
    around.told.update(chain.told)
    around.told.update(around.net.told)
    around.told["blocks"] = chain.head.number
    return around.told, around.broken, laws.checks


async def _until_broken(broken: Sequence[str], scope: trio.CancelScope) -> None:
    while not broken:  # noqa: ASYNC110  nobody tells of a breach
        await trio.sleep(3_600)
    scope.cancel()


def _surroundings(chain: PaperEvm, dice: random.Random, folder: Path, notes: Notes) -> Surroundings:
    placed = {name: Placed(at, "", "") for name, at in chain.contracts.items() if name != "token"}
    at = chain.contracts["token"]
    deployment = Deployment(CHAIN_ID, 0, DEPLOYER, at, 6, as_mapping(PARAMETERS), placed)
    decoder = SharedDecoder(deployment.contracts)
    decoder.read = {}
    return Surroundings(chain, Net(dice), deployment, decoder, folder, notes.note, Counter())


def _settle(chain: PaperEvm, residents: Sequence[Resident]) -> None:
    """Money and a registered node for everybody, and terms: all in the first block."""
    chain.call(DEPLOYER, "TermsBook", "write", TERMS)
    for one in residents:
        me = one.keyring.account
        chain.call(me, "token", "mint", me, FORTUNE)
        chain.call(me, "token", "approve", chain.contracts["Ledger"], 2**256 - 1)
        chain.call(me, "Ledger", "deposit", me, PURSE)
        chain.call(me, "NodeRegistry", "register", one.keyring.peer_key, ROLES, STAKE)
    chain.begin()


async def _mine(chain: PaperEvm, dice: random.Random) -> None:
    """Blocks about two hours apart, some late."""
    while True:
        await trio.sleep(BLOCK * dice.choice((0.4, 0.7, 1.0, 1.0, 1.3, 1.6)))
        chain.mine(int(START + trio.current_time()))


def main() -> int:
    """Run seeds and print what came of each as a line of JSON; exit 1 when something is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    parser.add_argument("--nodes", type=int, default=Size.nodes)
    parser.add_argument("--days", type=float, default=Size.days)
    parser.add_argument("--log", type=Path, help="write the event log here")
    parser.add_argument(
        "--plant", choices=sorted(PLANTS), help="put a wrong into every node, and stop when it is found"
    )
    asked = parser.parse_args()
    broken = False
    for seed in asked.seed:
        with contextlib.ExitStack() as stack:
            stack.enter_context(planted(asked.plant))
            out = stack.enter_context(asked.log.open("w")) if asked.log else None
            result = simulate(seed, Size(asked.nodes, asked.days), out, to_the_end=asked.plant is None)
        shown: dict[str, Any] = asdict(result) | {"speed": round(result.speed), "command": result.command}
        print(json.dumps(shown), flush=True)
        broken = broken or bool(result.broken)
        if asked.plant and broken:
            break
    return 1 if broken else 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets is part of what a seed decides
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {"PYTHONHASHSEED": "0"})
    sys.exit(main())
