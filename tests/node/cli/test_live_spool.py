"""Lines from standard input become files of records, each complete when its name appears."""

from __future__ import annotations

import time

import pytest

from thenar.cli import live
from thenar.errors import BadInput


def test_lines_are_kept_in_order_and_none_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "PIECE_BYTES", 20)
    lines = [f"{number},{number * 7}\n".encode() for number in range(50)]

    live.spool(iter(lines), tmp_path)

    files = sorted(tmp_path.iterdir())
    assert b"".join(path.read_bytes() for path in files) == b"".join(lines)
    assert len(files) > 5
    assert all(path.suffix == ".csv" and not path.name.startswith(".") for path in files)


def test_slow_lines_are_written_by_the_second(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def slowly():
        for number in range(3):
            now[0] += live.PIECE_SECONDS
            yield f"{number}\n".encode()

    live.spool(slowly(), tmp_path)

    assert len(list(tmp_path.iterdir())) == 3


def test_nothing_in_writes_nothing(tmp_path):
    live.spool(iter([]), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="cannot write"):
        live.spool(iter([b"1\n"]), tmp_path / "gone")
