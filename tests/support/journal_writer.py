"""Write to a journal as fast as it goes, telling every block that is safe. Run as a program, killed from outside."""

from __future__ import annotations

import sys
from pathlib import Path

import trio

from thenar.adapters.journal import SqliteJournal, open_journal
from thenar.domain.duties import Duty, DutyKind
from thenar.domain.facts import At, NodeLeft
from thenar.domain.ids import Address, TxHash
from thenar.domain.keccak import keccak256
from thenar.domain.sending import Call, Signed
from thenar.services.ports import Batch

ACCOUNT = Address("0x" + "aa" * 20)


def block_hash(block: int) -> str:
    return f"0x{block:064x}"


def digest_of(block: int) -> bytes:
    return keccak256(str(block).encode())


async def write_block(journal: SqliteJournal, block: int) -> None:
    """One of everything that must not be lost. Repeats what a killed run left half done."""
    key, tx = f"intent {block}", TxHash(f"0x{block:064x}")
    at = [At(block, index, block_hash(block), tx) for index in range(3)]
    intent = await journal.remember_intent(key, Call(ACCOUNT, digest_of(block)))
    if not intent.attempts:
        await journal.note_signed(key, Signed(tx, block, digest_of(block), 21_000, 9, 1, block))
    await journal.guard_statement("block", str(block), digest_of(block))
    facts = tuple(NodeLeft(place, ACCOUNT) for place in at)
    await journal.take_in(
        Batch(block, block, block_hash(block), facts), [Duty(DutyKind.PIN_ASSET, f"0x{block:064x}", block)]
    )


async def main(folder: Path, block: int) -> None:
    async with open_journal(folder) as journal:
        print("ready", flush=True)
        while True:
            await write_block(journal, block)
            print(block, flush=True)
            block += 1


if __name__ == "__main__":
    trio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
