"""Tables of text are read as declared, and nothing about them is guessed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import CSV_LAYOUT, csv_text, decoded

from thenar.adapters.media.layout import TEMPLATE, parse_layout
from thenar.adapters.media.recording import Limits
from thenar.errors import BadInput

PLAIN = "t,a,b\n0,1.5,-2\n10,0.0005,3\n"
VALUES = [[1500, -2000], [0, 3000]]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (PLAIN, {}),
        ("\ufeff" + PLAIN, {}),
        (PLAIN.replace("\n", "\r\n"), {}),
        (PLAIN.replace(",", ";"), {}),
        (PLAIN.replace(",", "\t"), {}),
        (PLAIN.replace(",", "|"), {}),
        (PLAIN.replace(",", "   "), {}),
        ("# by Ana\n\n" + PLAIN.replace("\n10", "\n# pause\n\n10"), {}),
        ('"t","a","b"\n"0","1.5","-2"\n"10","0.0005","3"', {}),
        (
            "t,a,b,\n0,1.5,-2,\n10,0.0005,3,\n".replace("b,\n", "b,x\n", 1).replace("-2,", "-2,0").replace("3,", "3,0"),
            {},
        ),
        ("sep=;\n" + PLAIN.replace(",", ";"), {}),
        (PLAIN.replace(",", ";").replace(".", ","), {"decimal": ","}),
        ('t,a,b,who\n0,1.5,-2,"Ana,\nM"\n10,.0005,3e0,x\n', {}),
        ("#t,a,b\n0,1.5,-2\n10,0.0005,3\n", {}),
    ],
)
def test_common_spellings_of_a_table_read_the_same(tmp_path: Path, text: str, changes: dict[str, Any]) -> None:
    found = decoded(csv_text(tmp_path / "table.txt", text), CSV_LAYOUT | changes)

    assert found.values["touch"] == VALUES
    assert found.times["touch"] == [0, 10_000_000]


def test_columns_without_header_are_numbered(tmp_path: Path) -> None:
    stream = {"name": "s", "kind": "k", "columns": ["2"], "units": "1"}

    found = decoded(
        csv_text(tmp_path / "t.csv", "5,6\n7,8\n"), {"modality": "imu", "header": False, "stream": [stream]}
    )

    assert found.values["s"] == [[6], [8]]


def test_raw_cells_are_taken_as_steps(tmp_path: Path) -> None:
    stream = CSV_LAYOUT["stream"][0] | {"raw": True}

    found = decoded(csv_text(tmp_path / "t.csv", "t,a,b\n0,7,8\n"), CSV_LAYOUT | {"stream": [stream]})

    assert found.values["touch"] == [[7, 8]]


def test_undeclared_table_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not say what its 3 columns mean") as refused:
        decoded(csv_text(tmp_path / "t.csv", PLAIN))

    assert refused.value.next_step is not None
    assert "t.csv.layout.toml" in refused.value.next_step


def test_layout_may_only_say_how_a_self_describing_table_is_spelled(tmp_path: Path) -> None:
    path = csv_text(tmp_path / "t.csv", "Timestamp (ms);Accel X (g);Accel Y (g)\n0;1,5;2\n")

    found = decoded(path, {"decimal": ","})

    assert found.values == {"accel": [[1_500_000, 2_000_000]]}
    with pytest.raises(BadInput, match="number belongs"):
        decoded(path)


def test_layout_beside_the_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "t.csv.layout.toml").write_text(TEMPLATE)

    found = decoded(csv_text(tmp_path / "t.csv", "t,touch_1,touch_2\n0,1,2\n"))

    assert found.values["touch"] == [[1000, 2000]]


def test_nanosecond_stamps_stay_exact(tmp_path: Path) -> None:
    text = "#timestamp [ns],w_RS_S_x [rad s^-1],w_RS_S_y [rad s^-1],w_RS_S_z [rad s^-1]\n1403636579758555393,0.5,1,2\n"

    found = decoded(csv_text(tmp_path / "imu0.csv", text))

    assert found.times["w_rs_s"] == [1403636579758555393]
    assert found.values["w_rs_s"] == [[500_000_000, 1_000_000_000, 2_000_000_000]]
    assert found.head.absolute


def test_quaternions_are_turned_to_xyzw(tmp_path: Path) -> None:
    names = ["p_RS_R_x [m]", "p_RS_R_y [m]", "p_RS_R_z [m]", "q_RS_w []", "q_RS_x []", "q_RS_y []", "q_RS_z []"]
    text = "#timestamp [ns]," + ",".join(names) + "\n5,1,2,3,1,0,0,0\n"

    found = decoded(csv_text(tmp_path / "gt.csv", text))

    assert found.head.modality == "trajectory"
    assert found.values["q_rs"] == [[0, 0, 0, 1_000_000_000]]


def test_tum_trajectory_is_known(tmp_path: Path) -> None:
    text = "# ground truth\n# timestamp tx ty tz qx qy qz qw\n1.5 1 2 3 0 0 0 1\n1.6 1 2 3 0 0 0 1\n"

    found = decoded(csv_text(tmp_path / "gt.txt", text))

    assert found.values["position"][0] == [1_000_000, 2_000_000, 3_000_000]
    assert found.times["position"] == [1_500_000_000, 1_600_000_000]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("t,a,b\n", "no row of numbers"),
        ("t,a,b\n0,1\n", "row 1 has 2 cells"),
        ("t,a,b\n0,1,\n", "empty or not-a-number"),
        ("t,a,b\n0,NaN,1\n", "empty or not-a-number"),
        ("t,a,b\n0,inf,1\n", "where a number belongs"),
        ("t,a,b\n0,one,1\n", "where a number belongs"),
        ("t,a,b\n0,1_000,1\n", "where a number belongs"),
        ("t,a,b\n0,1e300,1\n", "too large"),
        ("t,a,b\n1e30,1,1\n", "beyond 62 bits"),
        ("t,a,a\n0,1,1\n", "lacks|twice"),
        ("t,a,c\n0,1,1\n", "lacks"),
        ('t,a,b\n0,"1,1\n', "not well-formed"),
        (b"t,a,b\n0,\xff,1\n", "not utf-8"),
        ("t,a,b\n0,1,1\n".encode("utf-16"), "UTF-16"),
        (b"t,a,b\n0,1\x00,1\n", "not text|binary"),
        ("\n\n# nothing\n", "holds no rows"),
    ],
)
def test_broken_tables_are_refused_in_words(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        decoded(csv_text(tmp_path / "t.csv", text), CSV_LAYOUT)


def test_missing_cells_may_be_dropped_by_declaration(tmp_path: Path) -> None:
    found = decoded(csv_text(tmp_path / "t.csv", "t,a,b\n0,,1\n1,2,3\n2,nan,1\n"), CSV_LAYOUT | {"missing": "drop"})

    assert found.values["touch"] == [[2000, 3000]]
    assert "2 of 3 rows have empty or not-a-number cells and were left out" in found.notes


def test_endless_line_is_refused_at_the_limit(tmp_path: Path) -> None:
    path = csv_text(tmp_path / "t.csv", "t,a,b\n" + "1" * 5_000_000)

    with pytest.raises(BadInput, match="longer than"):
        decoded(path, CSV_LAYOUT)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="fields"):
        decoded(csv_text(tmp_path / "t.csv", ",".join(["a"] * 50) + "\n"), CSV_LAYOUT, Limits(fields=49))


@pytest.mark.parametrize(
    "wrong",
    [
        {"modality": "smell"},
        {"colour": 1},
        {"time": {"column": "t", "unit": "fortnight"}},
        {"time": {"column": "t"}},
        {"stream": [{"name": "s", "kind": "k", "columns": ["a"], "units": "1", "scale": "0.001"}]},
        {"stream": [{"name": "s", "kind": "k", "columns": [], "units": "1"}]},
        {"stream": [{"name": "s", "kind": "k", "columns": ["a", "b"], "units": "1", "axes": 0}]},
        {"stream": "touch"},
        {"delimiter": "ab"},
        {"missing": True},
    ],
)
def test_layouts_that_say_nothing_usable_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        parse_layout(CSV_LAYOUT | wrong)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(-(10**9), 10**9)), min_size=1, max_size=50))
def test_integers_written_with_three_decimals_come_back_exactly(rows: list[tuple[int, int]]) -> None:
    stream = {"name": "s", "kind": "k", "columns": ["v"], "units": "N", "scale": "1/1000"}
    layout = {"modality": "tactile", "time": {"column": "t", "unit": "us"}, "stream": [stream]}
    lines = [f"{t},{'-' if n < 0 else ''}{abs(n) // 1000}.{abs(n) % 1000:03}" for t, n in rows]

    with tempfile.TemporaryDirectory() as folder:
        found = decoded(csv_text(Path(folder) / "t.csv", "t,v\n" + "\n".join(lines) + "\n"), layout)

    assert found.values["s"] == [[n] for _, n in rows]
    assert found.times["s"] == [t * 1000 for t, _ in rows]
