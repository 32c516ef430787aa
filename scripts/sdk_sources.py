"""What the contracts' sources say beside their ABIs, for the npm package: names of numbers, messages, sentences."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts"
PERMITTING: Final = (
    ROOT / "node_modules" / "@openzeppelin" / "contracts" / "token" / "ERC20" / "extensions" / "ERC20Permit.sol"
)
"""Where ThenarToken's permits are hashed (ERC-2612)."""
HASHED = re.compile(r'keccak256\(\s*((?:"[^"]*"\s*)+)\)')
MESSAGE = re.compile(r"([A-Z]\w*)\(([^()]*)\)")
DOMAIN = re.compile(r'EIP712\("([^"]+)", "([^"]+)"\)|ERC20Permit\("([^"]+)"\)')
PERMITS_VERSION = re.compile(r'EIP712\(name, "([^"]+)"\)')
ENUM = re.compile(r"((?:^///[^\n]*\n)*)^enum (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
BITS = re.compile(
    r"((?:^///.*\n)*)^library (\w+) \{\n((?:^    uint16 internal constant \w+ = \d+;\n)+)\}", re.MULTILINE
)
BIT = re.compile(r"constant (\w+) = (\d+);")
NUMBERED = re.compile(r"^    uint8 (\w+); // (1 \w+(?:, \d+ \w+)+)(?:; 0: ([\w ]+))?$", re.MULTILINE)
SAID = re.compile(r"((?:^    ///.*\n)+)    (?:function|event) (\w+)\(", re.MULTILINE)
TITLE = re.compile(r"^/// @title (.+)$", re.MULTILINE)

Messages = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of numbers: an enumeration, or bits that are added up. ``remarks`` are by name."""

    name: str
    about: str
    values: dict[str, int]
    remarks: dict[str, str]
    bits: bool


def names() -> list[Names]:
    """Every enumeration and set of bits of contracts/types, by name. Exits when two are called alike."""
    found: dict[str, Names] = {}
    for path in sorted((CONTRACTS / "types").glob("*.sol")):
        source = path.read_text("utf-8")
        for made in (*_enums(source, path.name), *_bits(source, path.name), *_numbered(source, path.name)):
            if made.name in found:
                sys.exit(f"{path.name}: there is another {made.name} in contracts/types")
            found[made.name] = made
    return [found[name] for name in sorted(found)]


def _enums(source: str, file: str) -> Iterator[Names]:
    for about, name, body in ENUM.findall(source):
        members = re.findall(r"^    (\w+),?(?: // (.+))?$", body, re.MULTILINE)
        values = {member: number for number, (member, _) in enumerate(members)}
        remarks = {member: remark for member, remark in members if remark}
        yield Names(name, _about(about, file), values, remarks, bits=False)


def _bits(source: str, file: str) -> Iterator[Names]:
    for about, name, body in BITS.findall(source):
        values = {member: int(value) for member, value in BIT.findall(body)}
        yield Names(name, _about(about, file), values, {}, bits=True)


def _numbered(source: str, file: str) -> Iterator[Names]:
    """Fields whose values have names in the remark behind them: ``uint8 modality; // 1 spatial, 2 tactile``."""
    for field, listed, none in NUMBERED.findall(source):
        values = {none.upper().replace(" ", "_"): 0} if none else {}
        for one in listed.split(", "):
            number, member = one.split()
            values[member.upper()] = int(number)
        about = f"What `{field}` says. Source: contracts/types/{file}"
        yield Names(field[0].upper() + field[1:], about, values, {}, bits=False)


def _about(comment: str, file: str) -> str:
    said = " ".join(comment.replace("///", " ").replace("@dev", " ").split())
    return f"{said} Source: contracts/types/{file}".strip()


def messages() -> Messages:
    """The messages contracts verify, by name: contract, domain and types, out of the sources. Exits when one is odd."""
    found: Messages = {}
    paths = [path for path in sorted(CONTRACTS.rglob("*.sol")) if path.parent.name != "mocks"]
    sources = {path: path.read_text("utf-8") for path in (*paths, PERMITTING)}
    domains = {path: said for path in paths if (said := DOMAIN.search(sources[path])) is not None}
    for path, source in sources.items():
        for match in filter(None, map(MESSAGE.fullmatch, texts(source))):
            # a library hashes for the one contract with a domain that imports it
            homes = [home for home in domains if home == path or f"/{path.name}" in sources[home]]
            if len(homes) != 1:
                sys.exit(
                    f"{path.name} hashes {match[1]} for {len(homes)} contracts with an EIP-712 domain, not for one"
                )
            pairs = [field.split() for field in match[2].split(",")]
            types = {match[1]: [{"name": name, "type": kind} for kind, name in pairs]}
            said = _domain(domains[homes[0]], sources[PERMITTING])
            found[match[1]] = {"contract": homes[0].stem, "domain": said, "types": types}
    return dict(sorted(found.items()))


def texts(source: str) -> list[str]:
    """Every literal text a Solidity source hashes, its pieces joined."""
    return ["".join(re.findall(r'"([^"]*)"', match[1])) for match in HASHED.finditer(source)]


def _domain(said: re.Match[str], permitting: str) -> dict[str, str]:
    if said[1]:
        return {"name": said[1], "version": said[2]}
    version = PERMITS_VERSION.search(permitting)
    if version is None:
        sys.exit(f"{PERMITTING.name} does not say which version of a domain it signs under")
    return {"name": said[3], "version": version[1]}


def document_of(contract: str) -> Path:
    """The source that documents a contract: its interface, where it has one."""
    homes = (CONTRACTS / "interfaces" / f"I{contract}.sol", CONTRACTS / f"{contract}.sol")
    return next((path for path in homes if path.is_file()), CONTRACTS / "mocks" / f"{contract}.sol")


def sentences(contract: str) -> list[str]:
    """What a contract is, where that is written, and the notice of each function and event, as lines of a remark."""
    path = document_of(contract)
    source = path.read_text("utf-8")
    title = TITLE.search(source)
    lines = [title[1]] if title else []
    lines.append(f"Documented in full in {path.relative_to(ROOT).as_posix()}.")
    for comment, name in SAID.findall(source):
        notice = re.search(r"@notice (.+?)(?= @\w|$)", " ".join(comment.replace("///", " ").split()))
        lines += [f"- `{name}`: {notice[1]}"] if notice else []
    return lines
