"""Faults of the settings: of the file, of single values, and of the environment that overrides them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from thenar.adapters.chain import deployments
from thenar.adapters.web import loopback_of
from thenar.config import FILE_NAME, NAMES, Config, strange, template, toml_name
from thenar.domain.endpoints import LOOPBACK, can_be_dialled, is_local
from thenar.domain.money import parse_amount
from thenar.errors import BadConfig, BadInput, ThenarError
from thenar.upkeep.finding import Finding, Mend, Patient, fault, fine

ADDRESS = re.compile(r"/(?:ip4|ip6|dns|dns4|dns6)/([^/\s]+)/tcp/(\d{1,5})(?:/p2p/\w+)?", re.ASCII)
"""A libp2p address over TCP: host and port."""
UNSPECIFIED = ("0.0.0.0", "::")
"""Every address of a machine."""
_AMOUNTS = ("revenue_roll_min", "preview_min_fee", "infer_redemption_cost")


def check_settings(patient: Patient) -> Iterator[Finding]:
    """Whether the file can be read, names only what exists, and keeps secrets from others."""
    path = patient.directory / FILE_NAME
    if isinstance(patient.config, ThenarError):
        wrong = patient.config
        yield fault("settings", wrong.message, wrong.next_step or "compare with `thenar config template`", _amend(path))
        return
    if patient.directory.is_dir() and not path.exists():
        says = f"thenar config template > {path}"
        yield fault("settings", f"no {path}", says, Mend(says, lambda: _write(path, template())))
    else:
        yield fine("settings", str(path))
    yield from _check_variables(patient)
    yield from _check_values(patient.config)
    if path.exists() and path.stat().st_mode & 0o077 and _holds_secret(patient.config.chain_rpc):
        says = f"chmod 600 {path}"
        close = Mend(says, lambda: path.chmod(0o600))
        yield fault("endpoint's secret is private", "chain.rpc carries one", says, close)


def _holds_secret(url: str) -> bool:
    """Whether an endpoint's address says more than where it is: a password, a query, a key in its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.password or parts.query or len(parts.path.strip("/")) >= 16)


def _amend(path: Path) -> Mend | None:
    """Comment out what is no setting, where the rest of the file is sound."""
    try:
        text = path.read_text("utf-8")
        tree = tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return None
    wrong = [
        (section, key)
        for section, body in tree.items()
        if isinstance(body, dict)
        for key in body
        if f"{section}_{key}" not in NAMES
    ]
    for section, key in wrong:
        head = rf"(^\[{re.escape(section)}\][^\[]*?^)([ \t]*{re.escape(key)}[ \t]*=)"
        text = re.sub(head, r"\1# not a setting: \2", text, count=1, flags=re.MULTILINE | re.DOTALL)
    try:
        sound = {f"{section}_{key}" for section, body in tomllib.loads(text).items() for key in body} <= set(NAMES)
    except ValueError:
        return None
    if not wrong or not sound:
        return None
    named = ", ".join(f"{section}.{key}" for section, key in wrong)
    return Mend(f"comment out {named} in {path}", lambda: _write(path, text))


def _write(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _check_variables(patient: Patient) -> Iterator[Finding]:
    for name, near in strange(patient.environment).items():
        step = f"unset {name}" + (f"; did you mean {near}?" if near else "")
        yield fault("environment", f"{name} is no setting", step)


def _check_values(config: Config) -> Iterator[Finding]:
    """What is only found out when a node starts, or when it first needs the value."""
    if urlsplit_scheme(config.chain_rpc) not in ("http", "https"):
        yield fault("chain.rpc is an address", repr(config.chain_rpc), "write it like http://127.0.0.1:8545")
    if ADDRESS.fullmatch(config.p2p_listen) is None:
        yield fault("p2p.listen is an address", repr(config.p2p_listen), "write it like /ip4/0.0.0.0/tcp/4001")
    yield from _check_reach(config)
    for peer in config.p2p_bootstrap:
        if ADDRESS.fullmatch(peer) is None or "/p2p/" not in peer:
            yield fault("p2p.bootstrap names peers", repr(peer), "write each like /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…")
    try:
        loopback_of(config.web_listen)
    except BadConfig as wrong:
        yield fault("web.listen is on loopback", wrong.message, wrong.next_step or "use 127.0.0.1:0")
    for name in _AMOUNTS:
        value = getattr(config, name)
        try:
            if not (name == "revenue_roll_min" and value == "never"):
                parse_amount(value, 18)
        except BadInput as wrong:
            yield fault(f"{toml_name(name)} is an amount", wrong.message, wrong.next_step or "write it like 12.50")


def _check_reach(config: Config) -> Iterator[Finding]:
    """Whether peers on other machines find a node whose chain is not its own machine's."""
    for address in config.p2p_announce:
        if not can_be_dialled(address):
            step = "write /ip4/…/tcp/4001 with the public IP address and the port they dial"
            yield fault("p2p.announce is where others dial", repr(address), step)
    found = ADDRESS.fullmatch(config.p2p_listen)
    if found is None or urlsplit_scheme(config.chain_rpc) == "" or is_local(config.chain_rpc):
        return
    if found[1] in UNSPECIFIED and not config.p2p_announce:
        step = 'set in [p2p]: announce = ["/ip4/…/tcp/…"], with the address this machine or its router has outside'
        yield fault("peers are told where this node is", f"{config.p2p_listen} is no place to dial", step)
    if found[1] in LOOPBACK:
        step = 'set in [p2p]: listen = "/ip4/0.0.0.0/tcp/4001", and name peers to join through in p2p.bootstrap'
        yield fault("other machines reach p2p.listen", f"{config.p2p_listen} is this machine's alone", step)


def urlsplit_scheme(url: str) -> str:
    """The scheme of a URL; nothing where it is none."""
    try:
        parts = urlsplit(url)
        return parts.scheme if parts.hostname else ""
    except ValueError:
        return ""


def check_deployment(patient: Patient) -> Iterator[Finding]:
    """Whether the deployment file is there, and of contracts this version knows."""
    if isinstance(patient.config, ThenarError):
        return
    step = f"set chain.deployment in {FILE_NAME} to a deployments/<chainId>.json"
    path = patient.config.chain_deployment
    if not path and patient.running:  # it was given another way, as on a local chain of its own
        return
    if not path:
        yield fault("deployment file", "not set", f"{step}, or try thenar up --devnet")
        return
    try:
        made = deployments.load(Path(path))
    except ThenarError as wrong:
        yield fault("deployment file", wrong.message, wrong.next_step or step)
        return
    yield fine("deployment file", f"{path}, chain {made.chain_id}")
