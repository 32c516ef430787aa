"""The checks that guard the house find a planted breach and leave sound code alone."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trees

ROOT = Path(__file__).resolve().parents[3]


def script(name: str) -> ModuleType:
    """Load one of the programs in scripts/."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def write(root: Path, name: str, text: str) -> Path:
    """Put a file into a checkout made for the test."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_long_python_function_is_named_with_its_length(tmp_path: Path) -> None:
    write(tmp_path, "node/thenar/deep.py", "def long():\n" + "    x = 1\n" * 40)

    found = list(script("check_budgets").breaches(tmp_path))

    assert found == ["node/thenar/deep.py:1: long has 41 lines, 40 are allowed"]


def test_docstring_does_not_count_towards_a_function(tmp_path: Path) -> None:
    docstring = '    """' + "a line\n" * 30 + '    """\n'
    write(tmp_path, "node/thenar/deep.py", f"def told():\n{docstring}" + "    x = 1\n" * 39)

    assert list(script("check_budgets").breaches(tmp_path)) == []


def test_long_solidity_function_is_found_behind_braces_in_comments_and_text(tmp_path: Path) -> None:
    body = '        // } not the end\n        string memory s = "}";\n' + "        x += 1;\n" * 30
    write(tmp_path, "contracts/Deep.sol", f"contract Deep {{\n    function long() external {{\n{body}    }}\n}}\n")

    found = list(script("check_budgets").breaches(tmp_path))

    assert found == ["contracts/Deep.sol:2: function long has 34 lines, 30 are allowed"]


def test_long_c_function_is_named(tmp_path: Path) -> None:
    body = "    /* } */\n" + "    x += 1;\n" * 39
    write(tmp_path, "node/thenar/deep.c", f"static int deep(int x,\n                int y)\n{{\n{body}}}\n")

    found = list(script("check_budgets").breaches(tmp_path))

    assert found == ["node/thenar/deep.c:1: deep has 44 lines, 40 are allowed"]


def test_long_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, "contracts/Long.sol", "// line\n" * 401)

    found = list(script("check_budgets").breaches(tmp_path))

    assert found == ["contracts/Long.sol:1: the file has 401 lines, 400 are allowed"]


WALK = "async def f(c):\n  for x in c.asks.values():\n"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("node/thenar/utils.py", "", "says nothing"),
        ("node/thenar/a.py", "def f():\n    from thenar import errors\n", "imports thenar inside f"),
        ("node/thenar/a.py", "try:\n    pass\nexcept Exception:\n    pass\n", "catches everything"),
        ("node/thenar/a.py", "try:\n    pass\nexcept (OSError, Exception):\n    pass\n", "catches everything"),
        ("node/thenar/a.py", "# TO" + "DO later\n", "finish it"),
        ("node/thenar/services/a.py", f"{WALK}    await x\n", "a.py:2: waits while it walks"),
        ("node/thenar/services/a.py", "async def f(c):\n  [await x for x in c.b.items()]\n", "a.py:2: waits while"),
    ],
)
def test_broken_house_rule_is_named(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    write(tmp_path, name, text)

    found = list(script("check_rules").breaches(tmp_path))

    assert len(found) == 1 and complaint in found[0]


def test_what_does_not_wait_or_walks_a_tuple_may_walk(tmp_path: Path) -> None:
    sound = f"{WALK}    x()\n" + WALK.replace("c.asks.values()", "tuple(c.asks.values())") + "    await x\n"
    write(tmp_path, "node/thenar/services/a.py", sound)

    assert list(script("check_rules").breaches(tmp_path)) == []


def test_command_line_alone_may_catch_everything(tmp_path: Path) -> None:
    write(tmp_path, "node/thenar/cli/outcome.py", "try:\n    pass\nexcept Exception:\n    raise\n")

    assert list(script("check_rules").breaches(tmp_path)) == []


def test_links_lead_to_files_and_headings(tmp_path: Path) -> None:
    write(tmp_path, "docs/there.md", "# A `Heading`, here\n")
    page = "[ok](docs/there.md#a-heading-here) [web](https://x.y) [gone](docs/no.md) [bad](docs/there.md#no)\n"
    write(tmp_path, "README.md", page + "```\n[code](nowhere.md)\n```\n")
    check = script("check_links")

    found = list(check.broken_links(tmp_path.resolve(), (tmp_path / "README.md").resolve()))

    assert found == ["README.md: docs/no.md does not exist", "README.md: docs/there.md#no names no heading"]


def test_an_attack_that_nothing_shows_is_named(tmp_path: Path) -> None:
    head = "| attack | what stops it | shown by |\n|---|---|---|\n"
    shown = "| copy | a hash | `test_it_holds`, accepted 2026-11-27 |\n| lie | nothing | accepted 2026-11-27 |\n"
    bare = (
        "| steal | a lock | trust us |\n| bend | a check | `test_of_nothing` |\n| wait | time | accepted 2026-13-01 |\n"
    )
    write(tmp_path, "docs/threat-model.md", head + shown + bare)
    write(tmp_path, "tests/test_a.py", "async def test_it_holds(): ...\n")

    found = list(script("check_threats").gaps(tmp_path))

    assert [line.split(": ", 2)[2].split(",")[0] for line in found] == [
        "names no test in its last column",
        "there is no test_of_nothing",
        "2026-13-01 is no day",
    ]


def test_every_attack_of_the_model_is_shown_by_tests_or_accepted_on_a_day(record_property: Any) -> None:
    threats = script("check_threats")
    text = (ROOT / threats.PAGE).read_text("utf-8")
    shown = [cell for _, _, cell in threats.rows(text)]

    record_property("attacks", len(shown))
    record_property("tests_named", len({name for cell in shown for name in re.findall(r"`(test_\w+)`", cell)}))
    record_property("accepted_in_part_or_whole", sum("accepted 20" in cell for cell in shown))
    assert len(shown) > 150
    assert list(threats.gaps(ROOT)) == []


TREE = """set
├── when it is new
│   ├── it stores the value       → test_value_is_stored
│   └── it emits Set              → test_set_is_emitted, test_set_is_complete
└── when it exists
    └── it reverts                {last}
"""


@pytest.mark.parametrize(
    ("last", "found"),
    [
        ("→ test_second_set_is_refused", []),
        (
            "→ test_nobody_wrote_this",
            ["tests/contracts/set.tree:6: test_nobody_wrote_this does not exist beside the tree"],
        ),
        ("", ["tests/contracts/set.tree:6: the leaf names no test"]),
    ],
)
def test_every_leaf_of_a_tree_names_a_test_beside_it(tmp_path: Path, last: str, found: list[str]) -> None:
    names = ("value_is_stored", "set_is_emitted", "set_is_complete", "second_set_is_refused")
    write(tmp_path, "tests/contracts/test_set.py", "".join(f"def test_{name}(): pass\n" for name in names))
    write(tmp_path, "tests/contracts/set.tree", TREE.format(last=last))

    assert list(trees.breaches(tmp_path)) == found
