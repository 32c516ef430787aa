"""Who works on a data directory, as the system tells it."""

from __future__ import annotations

import os

import pytest

from thenar.directory import holder_of


@pytest.mark.parametrize(
    "line",
    [
        "",
        "1: FLOCK",
        "1: FLOCK  ADVISORY  READ 7 {place} 0 EOF",
        "1: POSIX  ADVISORY  WRITE 7 {place} 0 EOF",
        "1: -> FLOCK  ADVISORY  WRITE 7 {place} 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 7 00:00:1 0 EOF",
        "1: FLOCK  ADVISORY  WRITE -1 {place} 0 EOF",
        "1: FLOCK  ADVISORY  WRITE 0 {place} 0 EOF",
    ],
)
def test_only_a_process_that_has_the_directory_locked_holds_it(tmp_path, line):
    found = tmp_path.stat()
    place = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    locks = tmp_path / "locks"
    locks.write_text(line.format(place=place) + "\n")

    assert holder_of(tmp_path, locks) is None

    locks.write_text(f"{line.format(place=place)}\n2: FLOCK  ADVISORY  WRITE 4711 {place} 0 EOF\n")
    assert holder_of(tmp_path, locks) == 4711


def test_where_the_system_does_not_tell_of_locks_nobody_is_known_to_hold_any(tmp_path):
    assert holder_of(tmp_path, tmp_path / "absent") is None
    assert holder_of(tmp_path / "absent") is None
