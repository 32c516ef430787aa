"""Whatever bytes a stranger sends: every reader takes them or refuses them in words, soon, and in little memory."""

from __future__ import annotations

import os
import random
import resource
import tarfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from hostile_bytes import Reader, backup, readers, spoiled

from thenar.errors import ThenarError
from thenar.upkeep.archive import unpack

FULL = os.environ.get("THENAR_ACCEPTANCE") == "full"
EACH = 1_200 if FULL else 15
PROMISED = 50_000
SLOWEST_PER_KIB = 0.1
"""Seconds of processor time."""
MEMORY = 64 * 1024 * 1024
READERS = readers()


def tried(reader: Reader, data: bytes) -> tuple[str, float]:
    """How reading ended, and the processor time it took."""
    ended = ["taken"]

    def note(_: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, ThenarError):
            ended[0] = "refused" if error.message else "bug: a refusal without a sentence"
        elif isinstance(error, Exception):
            ended[0] = "bug: " + "".join(traceback.format_exception(error)[-3:])
        return isinstance(error, Exception)

    began = time.thread_time()
    with ExitStack() as stack:
        stack.push(note)
        reader.read(data)
    return ended[0], time.thread_time() - began


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("name", READERS)
def test_spoiled_bytes_are_taken_or_refused(name: str) -> None:
    reader, dice, slow = READERS[name], random.Random(name), []
    wrong: dict[str, bytes] = {}
    for data in reader.honest:
        tried(reader, data)  # imports and tables are made once
    before = peak()
    for _ in range(EACH):
        data = spoiled(dice.choice(reader.honest), dice)
        ended, took = tried(reader, data)
        if ended.startswith("bug"):
            wrong.setdefault(ended, data)
        if took > SLOWEST_PER_KIB * max(1.0, len(data) / 1024):
            slow.append((took, data[:80]))

    assert wrong == {}
    assert slow == []
    assert peak() - before <= MEMORY


def test_honest_bytes_are_taken(record_property) -> None:
    ends = Counter(
        {name: sum(tried(reader, data)[0] == "taken" for data in reader.honest) for name, reader in READERS.items()}
    )

    record_property("readers", len(READERS))
    record_property("cases", EACH * len(READERS))
    assert [name for name, taken in ends.items() if not taken] == []
    assert not FULL or EACH * len(READERS) >= PROMISED


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tuple[tarfile.TarInfo, bytes]:
    head = tarfile.TarInfo(name)
    head.type, head.linkname, head.size = kind, link, size
    return head, bytes(size)


@pytest.mark.parametrize(
    "head",
    [
        entry("../escaped", size=4),
        entry("/tmp/thenar-escaped", size=4),
        entry("store/blocks/../../../escaped", size=4),
        entry("keys/account.json", tarfile.SYMTYPE, "/etc/passwd"),
        entry("store/blocks", tarfile.SYMTYPE, "/tmp"),
        entry("keys/account.json", tarfile.LNKTYPE, "../../escaped"),
        entry("keys/account.json", tarfile.CHRTYPE),
        entry("keys/account.json", tarfile.FIFOTYPE),
        entry("keys", tarfile.DIRTYPE),
        entry("thenar.toml", size=2**18 + 1),
        entry("thenar.toml\0.txt", size=4),
        entry("store/blocks/a/" + "a" * 59, size=300_000),
        entry("store/blocks/a/" + "a" * 59, size=4),
    ],
    ids=lambda head: f"{head[0].name[:30]!r} {head[0].type!r}",
)
def test_an_archive_writes_nothing_but_what_a_backup_may_hold(tmp_path: Path, head) -> None:
    path, target = tmp_path / "evil.tar", tmp_path / "out"
    path.write_bytes(backup(head, files={"keys/account.json": "0" * 64, "thenar.toml": "0" * 64}))
    target.mkdir()

    with pytest.raises(ThenarError):
        unpack(path, target)

    assert sorted(one.name for one in tmp_path.iterdir()) == ["evil.tar", "out"]
    assert not Path("/tmp/thenar-escaped").exists()
    assert [one for one in target.rglob("*") if one.is_symlink() or one.stat().st_size > 2**18] == []
