"""The pages an auditor reads: written from what the tests are, held against it, and put on one page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import audit_page  # noqa: E402
import invariants_page  # noqa: E402
import rebuild  # noqa: E402
from mutation import page  # noqa: E402

REPORT: dict[str, Any] = {
    "build": {"well": True, "largest": {"A<b>": 1}, "seconds": 3},
    "slither": {"well": False, "stale": ["x in Y.z"], "seconds": 4},
}


def test_every_invariant_on_the_page_is_one_with_that_test() -> None:
    listed = re.findall(
        r"^\| ([A-Z]\d+) \| .+ \| `(\S+?)::(test_\w+)` \| .+ \|$", invariants_page.PAGE.read_text(), re.M
    )
    named = {
        (row["id"], row["path"], row["test"])
        for row in invariants_page.ROW.finditer(invariants_page.SOURCE.read_text())
    }

    assert len(listed) > 250
    assert set(listed) <= named


@pytest.mark.parametrize(
    ("path", "test", "tries"),
    [
        ("stateful/test_reflexes_add_up.py", "test_reflexes_add_up_on_a_long_way", "2 walks of 80 calls"),
        ("stateful/test_reflexes_add_up.py", "test_reflexes_add_up", "3 machines, up to 20 calls each"),
        ("unit/device_registry/test_end.py", "test_a_patch_falls_with_its_hand", "once"),
    ],
)
def test_how_often_a_test_tries_is_read_from_it(path: str, test: str, tries: str) -> None:
    assert invariants_page.tries(path, test) == tries


def test_the_page_of_mutations_is_what_was_recorded() -> None:
    assert page.PAGE.read_text("utf-8") == page.page()


def test_every_survivor_that_was_explained_is_one() -> None:
    recorded = {key for name in page.CAMPAIGNS for key in page.Record.at(page.KEPT / f"{name}.json").outcomes}

    told = page.reasons()

    assert told["equivalent"].keys() | told["survivors"].keys() <= recorded
    assert not told["equivalent"].keys() & told["survivors"].keys()


def test_the_report_names_what_failed_and_needs_no_other_file() -> None:
    made = audit_page.page(REPORT)

    assert "failed in slither" in made and "A&lt;b&gt;" in made
    assert not re.search(r'(src|href)="(?!#)', made) and "<script" not in made and "@import" not in made
    for title, path in audit_page.PAGES.items():
        assert f'<h2 id="{title.lower().replace(" ", "-")}">{title}</h2>' in made
        rows = [line for line in (ROOT / path).read_text("utf-8").splitlines() if re.match(r"^\| .* \|$", line)]
        assert made.count("<tr>") >= len(rows), path


def test_tables_headings_lists_and_fences_are_rendered() -> None:
    text = "# Title\n\n## Part\nwords `a<b` and **more**\n\n| x | y |\n|---|---|\n| `1` | a \\| b |\n\n- one\n- two\n\n"

    assert list(audit_page.rendered(text + "```sh\na && b\n```\n")) == [
        "<h3>Part</h3>",
        "<p>words <code>a&lt;b</code> and <strong>more</strong></p>",
        '<div class="wide"><table>',
        "<tr><th>x</th><th>y</th></tr>",
        "<tr><td><code>1</code></td><td>a | b</td></tr>",
        "</table></div>",
        "<ul><li>one</li><li>two</li></ul>",
        "<pre>a &amp;&amp; b</pre>",
    ]


def test_a_byte_that_differs_from_what_is_packaged_or_deployed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = iter([{"A": "0x01"}, {"A": "0x02"}])
    monkeypatch.setattr(rebuild, "compiled", lambda *_: next(codes))
    monkeypatch.setattr(rebuild, "packaged", lambda _: {"bytecode": "0x02", "bytecodeHash": "0xaa"})
    monkeypatch.setattr(rebuild, "deployed", lambda: {"1.json": {"A": "0xbb"}, "2.json": {"A": "0xaa"}})

    told = rebuild.rebuilt(["A"])

    assert told["differing"] == [
        "A: two builds differ",
        "A: the wheel carries other code",
        "A: 1.json states other code",
    ]
