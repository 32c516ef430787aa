"""Let the contract's own tests judge: Brownie is loaded and its chain started once, and put back after every child."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mutation.sessions import Put, Session

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "build" / "mutation" / "home"
LOG = ROOT / "build" / "mutation" / "tests.log"
SECONDS = 600


def prepare() -> None:
    """Give this process Brownie's environment, with a chain that takes code of any size, and load the project."""
    loader = importlib.machinery.SourceFileLoader("thenar_brownie", str(ROOT / "scripts" / "brownie"))
    spec = importlib.util.spec_from_loader("thenar_brownie", loader)
    assert spec
    wrapper: Any = importlib.util.module_from_spec(spec)
    loader.exec_module(wrapper)
    wrapper.settle_port(HOME, wrapper.choose_port())
    networks = HOME / ".brownie" / "network-config.yaml"
    networks.write_text(re.sub(r"cmd: anvil\b", "cmd: anvil --disable-code-size-limit", networks.read_text()))
    paths = [str(ROOT / "node_modules" / ".bin"), str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")]
    os.environ |= {"HOME": str(HOME), "SOLCX_BINARY_PATH": str(ROOT / ".solcx"), "PATH": os.pathsep.join(paths)}
    os.chdir(ROOT)
    from brownie import project

    project.main._add_to_sys_path(ROOT)
    loaded = project.load(ROOT)
    loaded.load_config()
    project.load = lambda *_: loaded


def session(tests: Sequence[str], unchanged: Mapping[str, str], work: Callable[[Chained], None]) -> None:
    """Collect these tests, start a chain, and let ``work`` judge.

    ``unchanged`` is the code of the contracts as they are, compiled as the wrongs are: a test it fails says nothing.
    """
    import pytest

    sys.argv = ["brownie", "test", *tests]
    plugin = Session(lambda made: work(Chained(made)), SECONDS, LOG, SECONDS)
    plugin.unchanged = _in_place(unchanged)
    pytest.main([*tests, "-q", "-p", "no:cacheprovider", "--network", "anvil"], [plugin, "pytest-brownie"])


class Chained:
    """A session over a chain that is put back after each judgement."""

    def __init__(self, made: Session) -> None:
        self._session = made

    def noticed(self, codes: Mapping[str, str], first: Sequence[str]) -> str:
        """The first test that fails with these contracts in place of ours, or nothing."""
        from brownie.network import web3
        from brownie.network.state import Chain

        def ask(method: str, *words: Any) -> Any:
            return web3.provider.make_request(method, list(words))["result"]

        before = ask("evm_snapshot")
        Chain()._reset_id = int(ask("evm_snapshot"), 16)
        try:
            return self._session.noticed(_in_place(codes), first)
        finally:
            ask("evm_revert", before)


def _in_place(codes: Mapping[str, str]) -> Put:
    def put() -> None:
        from brownie import project

        for name, code in codes.items():
            getattr(project.load(ROOT), name)._build["bytecode"] = code

    return put
