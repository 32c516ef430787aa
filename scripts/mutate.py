"""Put small wrongs into the sources, one at a time, and see whether a test notices. Run it as `make mutation`.

Usage: .venv/bin/python scripts/mutate.py [contracts|python …] [--only TEXT] [--walk-only] [--again]

Outcomes are kept in tests/mutation/contracts.json and python.json, mutant by mutant: a stopped campaign goes on where
it stopped, and after a change only mutants that are new are judged. docs/mutations.md is written from them.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / place) for place in ("scripts", "node", "tests/support", "tests/invariants")]

from mutation import forked, on_contracts, on_node, page, units, walks  # noqa: E402
from mutation.mutants import Mutant  # noqa: E402
from mutation.record import INVALID, KILLED, SURVIVED, WALK, Record, digest  # noqa: E402
from mutation.sessions import Session  # noqa: E402

KEPT = ROOT / "tests" / "mutation"
STOPS = "fe"  # creation code that only reverts: a judge that lets it pass is none


def contracts(asked: argparse.Namespace) -> None:
    """Judge the mutants of the contracts: all by the walk, then what it did not notice by the contract's own tests."""
    record = Record.at(asked.folder / "contracts.json")
    compiler = on_contracts.Compiler()
    targets = [one for one in on_contracts.TARGETS if asked.only in one.file]
    drawn = {one: on_contracts.mutants_of(one, compiler)[: asked.first] for one in on_contracts.TARGETS}
    record.settle(mutant for mutants in drawn.values() for mutant in mutants)
    walks.prepare()
    for target in targets:
        record.sources[target.file] = digest(ROOT / target.file)
        _walk(record, compiler, target, [one for one in drawn[target] if not record.known(one)])
    record.write()
    if not asked.walk_only:
        units.prepare()
        for target in targets:
            left = [one for one in drawn[target] if record.waits(one) or (asked.again and _unexplained(record, one))]
            left = left[: asked.most]
            forked.apart(partial(_test, Record.at(record.path), compiler, target, left))
    compiler.close()


def _walk(record: Record, compiler: on_contracts.Compiler, target: on_contracts.Target, left: list[Mutant]) -> None:
    if left:
        _unchanged(target, compiler, on_contracts.walked)
    for mutant, made in on_contracts.versions(left, target, compiler):
        began = time.monotonic()
        if made is None:
            record.keep(mutant, INVALID, "compiler")
            continue
        noticed = on_contracts.walked(made, target)
        record.keep(mutant, KILLED if noticed else SURVIVED, noticed or WALK)
        _show(mutant, noticed, began)


def _unchanged(target: on_contracts.Target, compiler: on_contracts.Compiler, judge: on_contracts.Judge) -> None:
    """Stop when the judge finds a wrong in the source as it is. Raises RuntimeError."""
    source = (ROOT / target.file).read_text("utf-8")
    noticed = judge(compiler.code(target, source), target)
    if noticed:
        raise RuntimeError(f"{target.file} as it is does not pass: {noticed}; see {on_contracts.LOG}")


def _test(record: Record, compiler: on_contracts.Compiler, target: on_contracts.Target, left: list[Mutant]) -> None:
    def work(chain: units.Chained) -> None:
        if not chain.noticed(dict.fromkeys(target.contracts, STOPS), ()):
            raise RuntimeError(f"the tests of {target.file} do not notice that there is no contract at all")
        for mutant, made in on_contracts.versions(left, target, compiler):
            began = time.monotonic()
            first = [*record.killers(mutant.place), *on_contracts.own_tests(target, mutant.place)]
            noticed = chain.noticed(made or {}, first)
            record.keep(mutant, KILLED if noticed else SURVIVED, noticed or "tests")
            _show(mutant, noticed, began)

    if left:
        unchanged = compiler.code(target, (ROOT / target.file).read_text("utf-8"))
        units.session(on_contracts.tests_of(target), unchanged, work)


def _unexplained(record: Record, mutant: Mutant) -> bool:
    told = page.reasons()
    return record.survived(mutant) and mutant.id not in told["equivalent"] | told["survivors"]


def _show(mutant: Mutant, noticed: str, began: float) -> None:
    how = "killed  " if noticed else "SURVIVED"
    seconds = time.monotonic() - began
    print(f"{how} {mutant.id} {mutant.place}:{mutant.line} {mutant.told} {seconds:.1f} s {noticed[:90]}", flush=True)


def node(asked: argparse.Namespace) -> None:
    """Judge the mutants of the node's core, each by the tests of its module."""
    record = Record.at(asked.folder / "python.json")
    drawn = {module: on_node.mutants_of(module)[: asked.first] for module in on_node.MODULES}
    record.settle(mutant for mutants in drawn.values() for mutant in mutants)
    for module in (one for one in on_node.MODULES if asked.only in one.file):
        record.sources[module.file] = digest(ROOT / module.file)
        record.write()
        left = [one for one in drawn[module] if not record.known(one) or (asked.again and _unexplained(record, one))]
        forked.apart(partial(_try, Record.at(record.path), module, left[: asked.most]))
        record = Record.at(record.path)


def _try(record: Record, module: on_node.Module, left: list[Mutant]) -> None:
    source = (ROOT / module.file).read_bytes()

    def work(session: Session) -> None:
        for mutant in left:
            began = time.monotonic()
            put = on_node.in_place(module, mutant.applied(source))
            noticed = session.noticed(put, record.killers(mutant.place))
            record.keep(mutant, KILLED if noticed else SURVIVED, noticed or "tests")
            _show(mutant, noticed, began)

    if left:
        on_node.session(module.tests, work)


def told(_: argparse.Namespace) -> None:
    """Judge nothing; the page is written anew."""


CAMPAIGNS = {"python": node, "contracts": contracts, "page": told}


def main() -> int:
    """Run the campaigns asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=", ".join(CAMPAIGNS))
    parser.add_argument("--only", default="", help="files whose name has this in it")
    parser.add_argument("--walk-only", action="store_true", help="judge contracts by the walk alone")
    parser.add_argument("--again", action="store_true", help="judge survivors without a reason once more")
    parser.add_argument("--first", type=int, default=None, help="judge so many of each file")
    parser.add_argument("--most", type=int, default=None, help="judge at most so many of each file by tests, now")
    parser.add_argument("--folder", type=Path, default=KEPT, help="where outcomes are kept")
    asked = parser.parse_args()
    on_contracts.LOG.parent.mkdir(parents=True, exist_ok=True)
    for name in asked.campaigns or ("python", "contracts"):
        CAMPAIGNS[name](asked)
    if asked.folder == KEPT:
        page.PAGE.write_text(page.page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
