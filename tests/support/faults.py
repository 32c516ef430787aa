"""Faults of a node, each seeded for real: how it comes about, and the check that must name it."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from thenar.adapters.chain import deployments
from thenar.adapters.chain.abi import FOLLOWED, artifact
from thenar.adapters.journal import FILE_NAME as JOURNAL
from thenar.adapters.journal import equip
from thenar.directory import RUNTIME_FILE
from thenar.domain.ids import Address

CHAIN = 31_337


def deployment_file(folder: Path) -> Path:
    """A deployment file that this version reads; nothing is deployed."""
    place = Address("0x" + "ab" * 20)
    placed = {name: deployments.Placed(place, artifact(name).abi_hash, "") for name in FOLLOWED}
    deployments.save(deployments.Deployment(CHAIN, 1, place, place, 6, {}, placed), folder / "31337.json")
    return folder / "31337.json"


@dataclass(frozen=True)
class Ward:
    """A data directory to be hurt, its settings' variables, and what lives until the test ends."""

    folder: Path
    environment: dict[str, str]
    stack: ExitStack
    rpc: Endpoint
    """The chain endpoint the settings name; it says what a fault tells it to say."""

    def settings(self, section: str, line: str) -> None:
        """Set something in the file."""
        path = self.folder / "thenar.toml"
        key = line.split("=")[0].strip()
        lines, inside, done = [], False, False
        for old in path.read_text().splitlines():
            if old.startswith("["):
                inside = old == f"[{section}]"
            if inside and not done and old.lstrip("# ").split("=")[0].strip() == key and "=" in old:
                old, done = line, True
            lines.append(old)
        if not done:
            lines = [part for old in lines for part in ([old, line] if old == f"[{section}]" else [old])]
        path.write_text("\n".join(lines) + "\n")

    def journal(self, statement: str) -> None:
        """Change the journal behind the node's back."""
        with sqlite3.connect(self.folder / JOURNAL) as db:
            equip(db)
            db.execute(statement)
        db.close()

    def listener(self) -> int:
        """A port that is taken until the test ends."""
        server = self.stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen()
        return int(server.getsockname()[1])


class Endpoint:
    """A chain endpoint on loopback; ``answers`` by method, and it can be silenced."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
                found = told.answers.get(asked.get("method", ""))
                found = found(*asked.get("params", [])) if callable(found) else found
                body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": found}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def kubo_of(version: str, *, sync: bool = True):
    """A daemon's API that says it is of a version, and whether it syncs its blocks."""
    endpoint = Endpoint({})

    def do_POST(handler: BaseHTTPRequestHandler) -> None:
        blocks = {"child": {"type": "flatfs", "sync": sync}, "mountpoint": "/blocks", "type": "measure"}
        keys = {"child": {"type": "levelds"}, "mountpoint": "/", "type": "measure"}
        spec = {"type": "mount", "mounts": [blocks, keys]}
        body = json.dumps({"Version": version, "Key": "Datastore.Spec", "Value": spec}).encode()
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    endpoint.server.RequestHandlerClass.do_POST = do_POST
    try:
        yield endpoint.server.server_address[1]
    finally:
        endpoint.close()


@dataclass(frozen=True)
class Fault:
    """How it comes about, which check must name it, and whether ``--fix`` mends it."""

    name: str
    check: str
    seed: Callable[[Ward], object]
    mends: bool = False
    options: tuple[str, ...] = ()


def _dead(ward: Ward) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    text = json.dumps({"address": "127.0.0.1:9", "token": "x", "pid": gone.pid})
    (ward.folder / RUNTIME_FILE).write_text(text)


def _hanging(ward: Ward) -> None:
    text = json.dumps({"address": f"127.0.0.1:{ward.listener()}", "token": "x", "pid": os.getpid()})
    (ward.folder / RUNTIME_FILE).write_text(text)


def _swap_mark(ward: Ward) -> None:
    (ward.folder / "store" / "belongs").write_bytes(b"another disk")


def _litter(ward: Ward, *names: str) -> None:
    for name in names:
        (ward.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (ward.folder / name).write_bytes(b"left")


def _head(ward: Ward, seconds: int) -> None:
    ward.rpc.answers["eth_getBlockByNumber"] = {"number": "0x9", "timestamp": hex(int(time.time()) + seconds)}


def _followed(ward: Ward, block: int, head: int, salt: str) -> None:
    """The journal remembers blocks up to one; the chain has some up to its head, told apart by their salt."""
    rows = ", ".join(f"({one}, '0xaa{one:x}')" for one in range(max(1, block - 100), block + 1))
    ward.journal(f"INSERT INTO blocks VALUES {rows}")

    def header(wanted: str, _: bool) -> dict[str, str] | None:
        number = head if wanted == "latest" else int(wanted, 16)
        told = {"number": hex(number), "timestamp": hex(int(time.time())), "hash": f"0x{salt}{number:x}"}
        return told if number <= head else None

    ward.rpc.answers["eth_getBlockByNumber"] = header


def _folder(ward: Ward, name: str) -> None:
    (ward.folder / name).mkdir(exist_ok=True)
    (ward.folder / name).chmod(0o755)


def _truncate(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    path.chmod(0o600)


def _index_emptied(ward: Ward) -> None:
    _litter(ward, "store/blocks/a/block")
    (ward.folder / "store/index.sqlite").write_bytes(b"")


FAULTS = (
    Fault("keys gone", "keys", lambda w: (w.folder / "keys/account.json").unlink()),
    Fault("keys readable", "key files are private", lambda w: (w.folder / "keys/account.json").chmod(0o644), True),
    Fault("keys folder open", "keys folder is private", lambda w: (w.folder / "keys").chmod(0o755), True),
    Fault("account damaged", "keys are whole", lambda w: _truncate(w.folder / "keys/account.json", 40)),
    Fault("secrets cut", "keys are whole", lambda w: _truncate(w.folder / "keys/secrets.box", 50)),
    Fault("secrets gone", "keys are whole", lambda w: (w.folder / "keys/secrets.box").unlink()),
    Fault("wrong password", "password opens the keys", lambda w: w.environment.update(THENAR_PASSWORD="wrong")),
    Fault("directory open", "data directory is private", lambda w: w.folder.chmod(0o755), True),
    Fault("bought files open", "opened is private", lambda w: _folder(w, "opened"), True),
    Fault("previews open", "previewed is private", lambda w: _folder(w, "previewed"), True),
    Fault("strangers' work open", "work is private", lambda w: _folder(w, "work"), True),
    Fault("live epochs open", "live is private", lambda w: _folder(w, "live"), True),
    Fault("journal readable", "journal is private", lambda w: (w.folder / JOURNAL).chmod(0o644), True),
    Fault("killed node's file", "no stale runtime file", _dead, True),
    Fault("node hangs", "node hangs", _hanging),
    Fault("half a key file", "no half-written files", lambda w: _litter(w, "keys/.account.json.ab"), True),
    Fault("plaintext left", "no plaintext left in work", lambda w: _litter(w, "workspace/tmp1/scan.pcd"), True),
    Fault("blocks left", "no half-stored blocks", lambda w: _litter(w, "store/staging/ab/block"), True),
    Fault("settings not TOML", "settings", lambda w: (w.folder / "thenar.toml").write_text("[chain\n")),
    Fault("unknown setting", "settings", lambda w: w.settings("chain", "rcp = 'http://x'"), True),
    Fault("setting out of range", "settings", lambda w: w.settings("chain", "confirmations = 65")),
    Fault("settings gone", "settings", lambda w: (w.folder / "thenar.toml").unlink(), True),
    Fault("unknown variable", "environment", lambda w: w.environment.update(THENAR_CHIAN_RPC="x")),
    Fault(
        "endpoint's key readable", "endpoint's secret is private",
        lambda w: (w.settings("chain", f"rpc = '{w.rpc.url}/v3/0123456789abcdef0123'"),
                   (w.folder / "thenar.toml").chmod(0o644)),
        True,
    ),
    Fault("endpoint no address", "chain.rpc is an address", lambda w: w.settings("chain", "rpc = 'nonsense'")),
    Fault("listens nowhere", "p2p.listen is an address", lambda w: w.settings("p2p", "listen = '0.0.0.0:4001'")),
    Fault("heard by itself alone", "other machines reach p2p.listen",
          lambda w: w.settings("chain", "rpc = 'http://chain.invalid:8545'")),
    Fault("told nowhere", "peers are told where this node is",
          lambda w: (w.settings("chain", "rpc = 'http://chain.invalid:8545'"),
                     w.settings("p2p", "listen = '/ip4/0.0.0.0/tcp/0'"))),
    Fault("told nonsense", "p2p.announce is where others dial", lambda w: w.settings("p2p", "announce = ['1.2.3.4']")),
    Fault("peer without id", "p2p.bootstrap names peers", lambda w: w.settings("p2p", "bootstrap = ['1.2.3.4:5']")),
    Fault("door to the world", "web.listen is on loopback", lambda w: w.settings("web", "listen = '0.0.0.0:80'")),
    Fault("no amount", "preview.min_fee is an amount", lambda w: w.settings("preview", "min_fee = 'much'")),
    Fault("no deployment", "deployment file", lambda w: w.settings("chain", "deployment = ''")),
    Fault("deployment gone", "deployment file", lambda w: w.settings("chain", "deployment = 'gone.json'")),
    Fault("newer journal", "journal is of this version", lambda w: w.journal("PRAGMA user_version = 99")),
    Fault("journal damaged", "journal is whole", lambda w: (w.folder / JOURNAL).write_bytes(b"x" * 9_000)),
    Fault(
        "duty given up", "no duty was given up",
        lambda w: w.journal("INSERT INTO duties (key, kind, subject, block, not_before, deep, state)"
                            " VALUES ('k', 'pin asset', 's', 1, 0, 0, 'failed')"),
    ),
    Fault("store unmounted", "store is the node's own", lambda w: (w.folder / "store/belongs").unlink()),
    Fault("store lost", "store is the node's own", _swap_mark, True, ("--store-lost",)),
    Fault("journal emptied", "journal is whole", lambda w: _truncate(w.folder / JOURNAL, 0)),
    Fault("index emptied", "store has its index", _index_emptied),
    Fault("store without index", "store has its index", lambda w: _litter(w, "store/blocks/a/block")),
    Fault("index damaged", "store's index is whole", lambda w: _litter(w, "store/index.sqlite")),
    Fault("quota beyond disk", "quota fits the disk", lambda w: w.settings("store", "quota_mb = 1000000000")),
    Fault("chain silent", "chain answers", lambda w: w.rpc.answers.clear()),
    Fault("wrong chain", "right chain", lambda w: w.rpc.answers.update(eth_chainId="0x5")),
    Fault("chain begun anew", "chain is the one that was followed", lambda w: _followed(w, 147, 109, "bb")),
    Fault("chain replaced", "chain is the one that was followed", lambda w: _followed(w, 147, 200, "bb")),
    Fault("endpoint lags", "chain is the one that was followed", lambda w: _followed(w, 147, 140, "aa")),
    Fault("no contracts", "contracts are there", lambda w: w.rpc.answers.update(eth_getCode="0x")),
    Fault("no gas", "account can pay gas", lambda w: w.rpc.answers.update(eth_getBalance="0x0")),
    Fault("clock late", "clock agrees with the chain", lambda w: _head(w, 7_200)),
    Fault("chain stopped", "chain goes on", lambda w: _head(w, -7_200)),
    Fault(
        "port taken", "p2p.listen is free",
        lambda w: w.settings("p2p", f"listen = '/ip4/127.0.0.1/tcp/{w.listener()}'"),
    ),
    Fault(
        "door's port taken", "web.listen is free",
        lambda w: w.settings("web", f"listen = '127.0.0.1:{w.listener()}'"),
    ),
    Fault(
        "no peer answers", "a peer to join through answers",
        lambda w: w.settings("p2p", "bootstrap = ['/ip4/127.0.0.1/tcp/9/p2p/12D3KooWA']"),
    ),
    Fault("no IPFS daemon", "IPFS daemon answers",
          lambda w: (w.settings("store", "kind = 'kubo'"), w.settings("store", "kubo_api = '/ip4/127.0.0.1/tcp/9'"))),
    Fault("old IPFS daemon", "IPFS daemon answers",
          lambda w: (w.settings("store", "kind = 'kubo'"), w.settings(
              "store", f"kubo_api = '/ip4/127.0.0.1/tcp/{w.stack.enter_context(kubo_of('0.4.23'))}'"))),
    Fault("forgetful IPFS daemon", "IPFS daemon syncs what it writes",
          lambda w: (w.settings("store", "kind = 'kubo'"), w.settings(
              "store",
              f"kubo_api = '/ip4/127.0.0.1/tcp/{w.stack.enter_context(kubo_of('0.42.0', sync=False))}'"))),
)  # fmt: skip
