"""Tables without their layout, drawn as their manifest counts them and never as anything it does not say."""

from __future__ import annotations

import pytest

from thenar.adapters.media import read_recorded, write_layout
from thenar.domain.description import Stream
from thenar.errors import BadInput


def stream(name: str, kind: str, count: int) -> Stream:
    return Stream(name, kind, count, 1, "int16", 100_000, "N", 1, 1000, 0, 3, 0)


TIPS, JOINTS = stream("tips", "normal_force", 2), stream("joints", "joint_position", 1)
ROWS = "t_us,a,b,c\n0,1,2,3.5\n10000,4,5,6\n20000,7,8,9\n"


def table(folder, text: str):
    path = folder / "capture.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_the_manifests_streams_and_the_clock_is_what_lasts_as_long(tmp_path) -> None:
    path = table(tmp_path, ROWS)
    layout = write_layout(path, [TIPS, JOINTS], 20_000_000)
    recorded, _ = read_recorded(path, layout=layout)

    tips, joints = recorded.signals
    assert (tips.name, tips.values.tolist()) == ("tips", [[1000, 2000], [4000, 5000], [7000, 8000]])
    assert (joints.name, joints.values.tolist()) == ("joints", [[3500], [6000], [9000]])
    assert tips.times is not None
    assert (tips.times - tips.times[0]).tolist() == [0, 10_000_000, 20_000_000]
    assert {tips.units, joints.units} == {"[arb'U]"}


def test_another_number_of_columns_is_one_stream_without_a_meaning(tmp_path) -> None:
    path = table(tmp_path, ROWS)
    recorded, _ = read_recorded(path, layout=write_layout(path, [TIPS], 0))

    assert [(one.name, one.values.shape) for one in recorded.signals] == [("columns", (3, 4))]
    assert recorded.signals[0].times is None


@pytest.mark.parametrize("text", ["a*,b\n1,2\n", "one line\n", "a,b\n1,2,3\n4,5\n", "\xff\xfe"])
def test_what_has_no_plain_columns_is_refused(tmp_path, text) -> None:
    path = tmp_path / "capture.csv"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(BadInput):
        write_layout(path, [TIPS], 1)
