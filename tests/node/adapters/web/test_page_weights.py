"""What a browser has to load: little at once, the rest when it is asked for, and nothing that is not there."""

from __future__ import annotations

import re

from page_weights import PAGES, chunks, later, needs, shell, weight

KB = 1_000
SHELL, WALLET, LAZY = 60 * KB, 130 * KB, 480 * KB


def test_the_first_page_is_light(record_property) -> None:
    found = weight(shell())
    record_property("shell_kb", round(found / KB, 1))

    assert found <= SHELL


def test_the_first_page_asks_for_all_its_modules_at_once() -> None:
    named = re.findall(r'rel="modulepreload" href="/pages/([\w.-]+)"', (PAGES / "index.html").read_text("utf-8"))

    assert sorted(named) == sorted(needs("main.js") - {"main.js"})


def test_no_part_that_comes_later_is_heavy(record_property) -> None:
    found = chunks()
    record_property("lazy_kb", {name: round(size / KB, 1) for name, size in found.items()})

    assert {name: size for name, size in found.items() if size > LAZY} == {}
    assert {name: size for name, size in found.items() if name.startswith("wallet") and size > WALLET} == {}
    assert {"three.js", "h3.js"} <= found.keys()


def test_every_module_that_is_named_is_there_and_every_one_that_is_there_is_named() -> None:
    there = {path.name for path in PAGES.glob("*.js")}
    reached = set(shell())
    for name in later():
        reached |= needs(name)

    assert {name for name in reached if name.endswith(".js")} == there


def test_no_module_names_another_host_or_makes_code_of_text() -> None:
    for path in PAGES.glob("*.js"):
        text = path.read_text("utf-8")
        assert set(re.findall(r"https?://([\w.-]+)", text)) <= {"www.w3.org"}, path.name  # names of XML, not addresses
        assert not re.search(r"\beval\(|new Function\(", text), path.name
