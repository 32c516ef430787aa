"""The documentation's site: no page is left out, no link is lost, and the reference names what there is."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from thenar import errors
from thenar.commands.shelf import shelf_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def site():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        spec = importlib.util.spec_from_file_location("write_site", ROOT / "scripts" / "write_site.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(ROOT / "scripts"))


def test_every_page_that_is_written_is_in_the_navigation(site):
    listed = {
        page
        for section in site.settings([])["nav"]
        for pages in section.values()
        for page in pages
        if isinstance(page, str)
    }

    assert {target for _, target in site.pages()} <= listed


def test_links_between_pages_lead_to_pages(site):
    places = {target for _, target in site.pages()}
    for source, target in site.pages():
        text = re.sub(r"```.*?```", "", site.moved(source.read_text("utf-8"), source, target), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)#\s:]+\.md)", text):
            found = str((Path("/") / target).parent.joinpath(link).resolve()).lstrip("/")
            assert found in places or found.startswith("reference/"), (target, link)


def test_the_reference_names_every_exit_code_and_every_collection(site):
    codes, api = site.exit_codes(), site.api()

    for kind in (errors.BadInput, errors.Late, errors.Corrupt, errors.Conflict):
        assert f"## {kind.exit_code}: " in codes and kind.__name__ in codes
    for name in shelf_of(site.SimpleNamespace(belief=site.Belief(), decimals=6)).collections:
        assert f"## `GET /v1/{name}`" in api
        assert f"## {name}\n" in api


def test_the_reference_names_every_command_with_its_arguments(site):
    told = site.commands()

    for command in ("thenar capture add", "thenar license buy", "thenar job post", "thenar ui", "thenar bounty answer"):
        assert f"## `{command}`" in told
    assert "`--max-price`" in told
