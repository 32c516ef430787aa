"""What the pages show works: every fenced command is run for real, page by page, in the page's order.

The things that stand for ASSET, 0x…, room.pcd are in tests/support/walked, a row a line. A line without a row fails.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import shown_lines
from acting import Walker
from doc_town import Town
from shown_lines import ROOT, Row
from walked import PAGES

from thenar.demo.steps import FIRST_EXIT_CODE
from thenar.errors import ThenarError

WALKTHROUGH = "docs/walkthrough.md"
"""All of it is run as one script by test_walkthrough.py."""
CODES = ROOT / "docs" / "exit-codes.md"
LEAST = 60
PROGRAMS = ("thenar ", "make ", "pip ")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Three nodes on a local chain, for all pages."""
    made = Town(tmp_path_factory.mktemp("readers"))
    made.open()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def walker(town, monkeypatch, capsys):
    for name in [name for name in os.environ if name.startswith("THENAR_")]:  # a reader sets none of them
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    with Walker(town, monkeypatch, capsys) as made:
        yield made


@pytest.mark.parametrize("page", [page for page, rows in PAGES.items() if not all(row.told_by for row in rows)])
def test_every_line_of_a_page_does_what_it_says(page, walker):
    wrong = shown_lines.unknown(page, PAGES[page])
    assert not wrong, wrong

    assert walker.walk(page, PAGES[page]) == sum(not row.told_by for row in PAGES[page])


def test_every_line_that_a_page_shows_has_its_row(record_property):
    shown = {shown_lines.name_of(page): shown_lines.lines_of(page) for page in shown_lines.pages()}
    with_lines = {page for page, lines in shown.items() if lines}
    walked = [line for line in shown[WALKTHROUGH] if line.startswith("thenar ")]
    rows = [row for rows in PAGES.values() for row in rows]
    here = [row for row in rows if not row.told_by and row.shown.startswith("thenar ")]
    elsewhere = [row for row in rows if row.told_by and row.shown.startswith(PROGRAMS)]
    listed = sum(line.startswith(PROGRAMS) for lines in shown.values() for line in lines)

    record_property("commands_on_pages", listed)
    record_property("commands_run", len(here) + len(walked))
    record_property("commands_another_test_runs", len(elsewhere))
    record_property("pages_with_commands", len(with_lines))
    assert with_lines - {WALKTHROUGH} == set(PAGES), "a page with commands has no rows in tests/support/walked"
    for page, known in PAGES.items():
        wrong = shown_lines.unknown(page, known)
        assert not wrong, wrong
    assert len(here) + len(walked) >= LEAST
    assert listed == len(here) + len(walked) + len(elsewhere)


def test_no_fence_holds_commands_without_saying_so():
    assert {shown_lines.name_of(page): shown_lines.unmarked(page) for page in shown_lines.pages()} == {
        shown_lines.name_of(page): [] for page in shown_lines.pages()
    }


def test_what_runs_elsewhere_runs_there_and_what_fails_says_why():
    rows = [row for rows in PAGES.values() for row in rows]

    assert [row.shown for row in rows if row.told_by and not shown_lines.is_told(row)] == []
    assert [row.shown for row in rows if bool(row.code) != bool(row.why)] == []


def test_a_line_without_a_row_is_told_with_what_to_add():
    known = PAGES["docs/storage.md"]
    gone, added = (*known, Row("thenar storage vanish")), known[:-1]

    assert shown_lines.unknown("docs/storage.md", known) == ""
    assert "add a Row for it after 'thenar storage take 0x…'" in shown_lines.unknown("docs/storage.md", added)
    assert "take its Row away" in shown_lines.unknown("docs/storage.md", gone)


def test_every_exit_code_has_a_section_that_says_what_to_do(record_property):
    parts = re.split(r"^## ", CODES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    told = {int(re.match(r"\d+", part)[0]): part for part in parts}
    kinds, codes = [ThenarError], {0, 5, FIRST_EXIT_CODE, 130}
    while kinds:
        kind = kinds.pop()
        kinds += [sub for sub in kind.__subclasses__() if sub.__module__ == "thenar.errors"]
        codes.add(kind.exit_code)

    record_property("exit_codes", len(codes))
    record_property("codes_with_a_section", len(codes & set(told)))
    assert set(told) == codes
    assert all(len(part.split("\n\n", 1)[1].split()) > 20 for part in told.values())


def test_no_link_of_a_page_is_dead(record_property):
    checked = subprocess.run(
        [sys.executable, "scripts/check_links.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    links = sum(len(re.findall(r"\]\([^)]+\)", page.read_text(encoding="utf-8"))) for page in shown_lines.pages())

    record_property("links", links)
    record_property("dead_links", checked.stdout.count("does not exist") + checked.stdout.count("names no heading"))
    assert checked.returncode == 0, checked.stdout
    assert links > 100
