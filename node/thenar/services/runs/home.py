"""Where programs run over an owner's captures: opened for one run, in a folder that is gone afterwards."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from thenar.domain.catalog import RunRecord
from thenar.domain.ids import Address, AssetId, Cid, RunId
from thenar.domain.runs.programs import INPUT, MODULE, RunLimits, job_of
from thenar.domain.work.checkpoints import Status
from thenar.domain.work.jobs import AssetFile
from thenar.domain.work.results import frames
from thenar.errors import BadInput, Corrupt, NotFound
from thenar.services.licensing import Trade
from thenar.services.ports import Executor, ParcelSealer, SignerOf
from thenar.services.retrieve import open_asset
from thenar.services.work.jobfiles import Files

log = logging.getLogger(__name__)

MAX_PROGRAM: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Home:
    """The ports of running programs over what lies here, and of ordering runs elsewhere."""

    trade: Trade
    files: Files
    executor: Executor
    parcels: ParcelSealer
    sign: Callable[[bytes], bytes]
    signer_of: SignerOf
    workspace: Callable[[], AbstractContextManager[Path]]
    outputs: Path
    limit: int

    @property
    def desk(self) -> Address:
        """The RunDesk."""
        return self.trade.chain.contract("RunDesk")

    def run(self, number: RunId) -> RunRecord:
        """A run as the chain knows it. Raises NotFound."""
        found = self.trade.belief.catalog.runs.get(number)
        if found is None:
            raise NotFound(f"no run {number}", next_step="`thenar job runs` shows this account's")
        return found

    async def now(self) -> int:
        """The chain's time in unix seconds."""
        return (await self.trade.chain.head()).timestamp


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program came to over an input: how it ended, what it put out, how much fuel it took."""

    status: Status
    output: bytes
    fuel: int


def program_file(code: bytes, stored: Cid) -> AssetFile:
    """A program as a job names it. Raises BadInput for more than a module may have."""
    if not 0 < len(code) <= MAX_PROGRAM:
        raise BadInput(f"a program has 1 to {MAX_PROGRAM:,} bytes, not {len(code):,}")
    return AssetFile(stored, "0x" + hashlib.sha256(code).hexdigest(), len(code))


async def keep_program(home: Home, code: bytes, stored: Cid) -> bytes:
    """Remember where an approved program lies; its SHA-256."""
    digest = hashlib.sha256(code).digest()
    await home.trade.journal.put(f"program/{digest.hex()}", stored.encode())
    return digest


async def kept_program(home: Home, digest: bytes) -> tuple[bytes, Cid]:
    """The code of a program approved here. Raises NotFound, Corrupt."""
    place = await home.trade.journal.get(f"program/{digest.hex()}")
    if place is None:
        raise NotFound(
            f"the program {digest.hex()} is not here", next_step="approve it from the node that shall run it"
        )
    cid = Cid.parse(place.decode())
    code = await home.files.read(cid)
    if hashlib.sha256(code).digest() != digest:
        raise Corrupt(f"the program {digest.hex()} is damaged here", next_step="approve it again from its file")
    return code, cid


async def run_at_home(home: Home, asset: AssetId, program: bytes, limits: RunLimits, part: int) -> Ran:
    """Open an input, run a program kept here over it in the sandbox, and let nothing of it stay.

    Raises NotFound without key or program, BadInput for what is no program of ours, Unavailable, Corrupt.
    """
    trade, (code, stored) = home.trade, await kept_program(home, program)
    with home.workspace() as folder:
        opened = await open_asset(
            asset,
            folder / INPUT,
            sealer=trade.sealer,
            store=home.files.store,
            journal=trade.journal,
            peers=home.files.peers,
            belief=trade.belief,
            limit=home.limit,
        )
        await trio.Path(folder / MODULE).write_bytes(code)
        content_hash = await trio.to_thread.run_sync(_hash, opened)
        spec = job_of(program_file(code, stored), opened.stat().st_size, content_hash, limits)
        try:
            plan = await home.executor.prepare(spec, {MODULE: folder / MODULE, INPUT: opened})
            (result,) = await home.executor.run(plan, [part], folder=folder / "run")
            output = b"".join(frames(await trio.Path(result.output).read_bytes()))
        finally:
            with trio.CancelScope(shield=True):
                await home.executor.aclose()  # no idle process goes on holding the input
    return Ran(result.status, output, result.work)


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
