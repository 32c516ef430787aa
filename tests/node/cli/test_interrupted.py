"""An interruption ends a command by its code, also before the command has been loaded, and whoever started it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import command, environment, make_node

if sys.platform != "linux":
    pytest.skip("needs /proc", allow_module_level=True)


def start(*words: str, sigint: signal.Handlers = signal.SIG_DFL) -> subprocess.Popen[str]:
    """A command as a shell starts it: Ctrl-C ends a job in front, and is ignored by one of a script's background."""
    return subprocess.Popen(
        command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(), preexec_fn=lambda: signal.signal(signal.SIGINT, sigint),
    )  # fmt: skip


def until_it_hands_over(process: subprocess.Popen[str]) -> None:
    """Wait until the light entry has become the process that imports the whole node."""
    words = Path(f"/proc/{process.pid}/cmdline")
    began = time.monotonic()
    while b"thenar.cli.full" not in words.read_bytes():
        assert time.monotonic() - began < 60
        time.sleep(0.002)


@pytest.mark.parametrize("later", [0.0, 0.05, 0.3, 0.8])
def test_ctrl_c_while_a_command_is_loaded_ends_it_with_a_sentence(tmp_path, later):
    home = make_node(tmp_path / "node")
    process = start("run", "--data", str(home), "--password-file", str(home / "absent"))
    until_it_hands_over(process)
    time.sleep(later)
    process.send_signal(signal.SIGINT)

    out, err = process.communicate(timeout=60)

    assert "Traceback" not in err
    if process.returncode != 4:  # by then it has ended by itself: the password's file is not there
        assert (process.returncode, out) == (130, "")
        assert err.startswith("interrupted: ")
