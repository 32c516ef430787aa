"""reports/audit.html: one page that needs no other file, of what the steps said and of the pages an auditor reads."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "Findings": "docs/audit.md",
    "Invariants": "docs/invariants.md",
    "Threat model": "docs/threat-model.md",
    "Mutations": "docs/mutations.md",
    "Gas": "docs/gas.md",
    "Known issues": "docs/known-issues.md",
}
MANY = 8
STYLE = """
:root { color-scheme: light dark; --line: #8884; --well: #1a7f37; --bad: #b3261e; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem 1.25rem 4rem; }
h1, h2 { line-height: 1.2; } h2 { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1.5rem; }
code { font-size: .9em; overflow-wrap: anywhere; }
nav a { margin-right: 1rem; } .wide { overflow-x: auto; } .well { color: var(--well); } .bad { color: var(--bad); }
table { border-collapse: collapse; font-size: .9rem; } th, td { text-align: left; vertical-align: top; }
td:first-child code { white-space: nowrap; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; } pre { overflow-x: auto; }
@media print { body { max-width: none; } h2 { break-before: page; } }
"""
_RULE = re.compile(r"^\|[|\- :]+\|$")
_CELLS = re.compile(r"(?<!\\)\|")
_SPANS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
)


def page(report: dict[str, Any]) -> str:
    """The whole page."""
    parts = [_summary(report), *(_section(title, ROOT / path) for title, path in PAGES.items())]
    links = "".join(f'<a href="#{_anchor(title)}">{title}</a>' for title in PAGES)
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Thenar: audit report</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style>\n<h1>Thenar: audit report</h1>\n<nav>{links}</nav>\n"
        + "\n".join(parts)
        + "\n</html>\n"
    )


def _summary(report: dict[str, Any]) -> str:
    failed = [name for name, one in report.items() if not one["well"]]
    verdict = (
        f'<strong class="bad">failed in {", ".join(failed)}</strong>'
        if failed
        else '<strong class="well">green</strong>'
    )
    rows = "".join(
        f'<tr><td><code>{name}</code></td><td class="{"well" if one["well"] else "bad"}">'
        f"{'well' if one['well'] else 'failed'}</td><td>{one.get('seconds', '')}</td><td>{_said(one)}</td></tr>"
        for name, one in report.items()
    )
    head = "<tr><th>step</th><th></th><th>seconds</th><th>what it said</th></tr>"
    return f"<p>Source {_source()}: {verdict}.</p>\n<div class='wide'><table>{head}{rows}</table></div>"


def _said(step: dict[str, Any]) -> str:
    told = {key: value for key, value in step.items() if key not in ("well", "seconds", "processor seconds")}
    return "<br>".join(f"{html.escape(key)}: <code>{html.escape(_short(value))}</code>" for key, value in told.items())


def _short(value: Any) -> str:
    """A value in a few words: many of a kind are counted, and the first few told."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(one)}" for key, one in value.items())
    if isinstance(value, list):
        more = f" … {len(value)} in all" if len(value) > MANY else ""
        return ", ".join(map(_short, value[:MANY])) + more if value else "none"
    return value if isinstance(value, str) else json.dumps(value)


def _source() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return html.escape(told or "outside a checkout")


def _section(title: str, path: Path) -> str:
    body = "\n".join(rendered(path.read_text("utf-8"))) if path.exists() else "<p>There is no such page here.</p>"
    return f'<h2 id="{_anchor(title)}">{title}</h2>\n{body}'


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def rendered(text: str) -> Iterator[str]:
    """Markdown as our pages use it: headings, paragraphs, lists, tables, fenced blocks, and marks within a line."""
    for block in re.split(r"\n{2,}(?![^`]*^```\n\n)", text.strip(), flags=re.MULTILINE):
        lines = block.splitlines()
        if not lines or lines[0].startswith("# "):
            continue
        if lines[0].startswith("#"):
            level = min(6, len(lines[0]) - len(lines[0].lstrip("#")) + 1)
            yield f"<h{level}>{_marked(lines[0].lstrip('# '))}</h{level}>"
            yield from rendered("\n".join(lines[1:]))
        elif lines[0].startswith("```"):
            yield f"<pre>{html.escape(chr(10).join(lines[1:-1]))}</pre>"
        elif len(lines) > 1 and _RULE.match(lines[1]):
            yield from _table(lines)
        elif lines[0].startswith("- "):
            items = re.split(r"\n(?=- )", block)
            yield f"<ul>{''.join(f'<li>{_marked(item[2:])}</li>' for item in items)}</ul>"
        else:
            yield f"<p>{_marked(block)}</p>"


def _table(lines: list[str]) -> Iterator[str]:
    yield '<div class="wide"><table>'
    for number, line in enumerate(lines):
        if not _RULE.match(line):
            kind = "th" if number == 0 else "td"
            cells = (cell.strip().replace("\\|", "|") for cell in _CELLS.split(line.strip())[1:-1])
            yield f"<tr>{''.join(f'<{kind}>{_marked(cell)}</{kind}>' for cell in cells)}</tr>"
    yield "</table></div>"


def _marked(text: str) -> str:
    told = html.escape(text, quote=False)
    for pattern, made in _SPANS:
        told = pattern.sub(made, told)
    return told
