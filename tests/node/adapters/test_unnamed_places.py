"""Nobody but the operator says where the node connects to: a trap that endpoints and strangers lead to sees nobody."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from command_line import in_process, make_node
from multiaddr import Multiaddr
from p2p_peers import peer, raw_cid
from trap import looks_up, misleading, redirects, trap
from web3.exceptions import ContractLogicError, MultipleFailedRequests
from web3.utils import exception_handling

import thenar
from thenar.adapters.chain.rpc import Rpc, _LaneProvider, open_rpc
from thenar.adapters.ipfs.kuborpc import KuboRpc
from thenar.adapters.p2p.bounds import Bounds
from thenar.adapters.vault import tries
from thenar.domain.unixfs import leaf_cid
from thenar.errors import ThenarError, Unavailable

REDIRECTS = (301, 302, 303, 307, 308)
BLOCK = b"a block"
CID = leaf_cid(BLOCK)
CALL = {"to": "0x" + "11" * 20, "data": "0x12345678"}
OUT = "/ip4/8.8.8.8/tcp/4001"
"""An address outside, which a node may list and never dial: here it is said to be its own."""


@pytest.fixture
def caught():
    with trap() as made:
        yield made


async def called(rpc: Rpc) -> None:
    await rpc.lane(rpc.web3.eth.call, CALL)


@pytest.mark.parametrize("status", REDIRECTS)
async def test_a_chain_endpoint_that_sends_us_elsewhere_is_unavailable(caught, status):
    with misleading(redirects(status, caught.url)) as port:
        async with open_rpc(f"http://127.0.0.1:{port}", timeout=10) as rpc:
            with pytest.raises(Unavailable, match=str(status)):
                await rpc.batch([("eth_blockNumber", [])])
            with pytest.raises(Unavailable, match=str(status)):
                await called(rpc)
    assert caught.seen() == []


async def test_a_contract_that_names_an_address_to_ask_next_is_not_followed(caught, monkeypatch):
    for check in ("validate_ccip_url_scheme", "validate_ccip_url_host"):  # web3 would spare this machine, not the world
        monkeypatch.setattr(exception_handling, check, lambda *_, **__: None)
    with misleading(looks_up(caught.url)) as port:
        async with open_rpc(f"http://127.0.0.1:{port}", timeout=10) as rpc:
            with pytest.raises(ContractLogicError):
                await called(rpc)
            assert caught.seen() == []

            monkeypatch.setattr(_LaneProvider, "global_ccip_read_enabled", True)
            with pytest.raises(MultipleFailedRequests):
                await called(rpc)
    assert caught.seen() != [], "the trap catches nobody"


VERBS: dict[str, Callable[[KuboRpc], object]] = {
    "block": lambda rpc: rpc.block(CID, offline=True),
    "has": lambda rpc: rpc.has(CID),
    "put": lambda rpc: rpc.put_block(CID, BLOCK),
    "drop": lambda rpc: rpc.drop_block(CID),
    "add": lambda rpc: rpc.add(io.BytesIO(BLOCK)),  # type: ignore[arg-type]
    "pin": lambda rpc: rpc.pin(CID),
    "unpin": lambda rpc: rpc.unpin(CID),
    "pins": lambda rpc: rpc.pins(),
    "collect": lambda rpc: rpc.collect(),
    "stat": lambda rpc: rpc.stat(),
    "room": lambda rpc: rpc.room(),
    "connect": lambda rpc: rpc.connect(OUT),
}


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_kubo_daemon_that_sends_us_elsewhere_is_unavailable(caught, status):
    with misleading(redirects(status, caught.url, spared="version")) as port:
        rpc = KuboRpc(f"/ip4/127.0.0.1/tcp/{port}", 10.0)
        for verb, ask in VERBS.items():
            with pytest.raises(Unavailable, match="elsewhere"):
                ask(rpc)
            assert caught.seen() == [], verb
        rpc.close()
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}", follow_redirects=True, trust_env=False)
    assert caught.seen() != [], "the trap catches nobody"


def test_a_kubo_daemon_that_sends_us_elsewhere_from_the_first_question_on_is_unavailable(caught):
    with misleading(redirects(307, caught.url)) as port, pytest.raises(Unavailable, match="elsewhere"):
        KuboRpc(f"/ip4/127.0.0.1/tcp/{port}", 10.0)
    assert caught.seen() == []


@pytest.mark.parametrize("command", ["status", "doctor"])
@pytest.mark.parametrize("store", ["embedded", "kubo"])
def test_commands_that_look_at_endpoints_go_nowhere_else(caught, tmp_path, capsys, monkeypatch, command, store):
    monkeypatch.setenv("THENAR_PASSWORD", "correct horse battery staple")
    monkeypatch.setattr(tries, "PAUSE", 0.0)
    with misleading(redirects(307, caught.url)) as port:
        kubo = {"store_kind": store, "store_kubo_api": f"/ip4/127.0.0.1/tcp/{port}"}
        home = make_node(tmp_path / "ana", chain_rpc=f"http://127.0.0.1:{port}", **kubo)
        told = in_process(capsys, command, "--json", "--data", home)

    assert told.code != 1, told.out
    assert isinstance(json.loads(told.out), dict)
    assert caught.seen() == []


def spellings(port: int) -> list[str]:
    """A port of this machine, in the ways a multiaddress can name it."""
    return [
        *(f"/ip4/{host}/tcp/{port}" for host in ("127.0.0.1", "127.0.0.2", "0.0.0.0")),
        *(f"/ip6/{host}/tcp/{port}" for host in ("::1", "::ffff:127.0.0.1", "::", "::127.0.0.1", "64:ff9b::7f00:1")),
        *(f"/{kind}/localhost/tcp/{port}" for kind in ("dns", "dns4", "dns6", "dnsaddr")),
        f"/ip4/127.0.0.1/tcp/{port}/ws",
    ]


async def test_where_strangers_say_they_listen_is_not_dialled_inside_this_machine(caught, record_property):
    told = spellings(caught.port)
    async with peer("eve") as eve:
        pass
    async with peer("ana", bootstrap=[f"{OUT}/p2p/{(await _id('ana'))}"]) as ana:
        for address in told:
            ana.learn(eve.me, [address])
            with pytest.raises(ThenarError):
                await ana.ask(eve.me, "/thenar/manifest/1", {})
            with pytest.raises(ThenarError):
                async for _ in ana.exchange.want([raw_cid(BLOCK)], [eve.me]):
                    pass
    record_property("addresses_told_by_strangers", len(told))
    record_property("visits_where_nobody_was_sent_by_the_operator", len(caught.seen()))
    assert caught.seen() == []

    async with peer("ben") as ben:  # where everybody is on this machine, as on a local chain
        ben.learn(eve.me, told)
        with pytest.raises(ThenarError):
            await ben.ask(eve.me, "/thenar/manifest/1", {})
    assert caught.seen() != [], "the trap catches nobody"


async def test_what_a_peer_says_when_it_is_greeted_leads_nowhere_inside_this_machine(caught, monkeypatch):
    async with peer("ana", bootstrap=[f"{OUT}/p2p/{(await _id('ana'))}"]) as ana:
        async with peer("eve") as eve:
            lies = [Multiaddr(f"/ip4/127.0.0.1/tcp/{caught.port}/p2p/{eve.me}")]
            monkeypatch.setattr(eve._host, "get_addrs", lambda: lies)
            await eve.dial(ana.addresses[0])
            with pytest.raises(ThenarError):
                await ana.ask(eve.me, "/thenar/manifest/1", {})  # both know each other now
            known = ana._host.get_peerstore().addrs(eve._host.get_id())
            assert any(str(caught.port) in str(one) for one in known), "nothing was learned that could be dialled"
        with pytest.raises(ThenarError):
            await ana.ask(eve.me, "/thenar/manifest/1", {})
        with pytest.raises(Exception, match=r".*"):
            await ana._host.get_network().dial_peer(eve._host.get_id())
    assert caught.seen() == []


async def _id(name: str) -> str:
    async with peer(name) as one:
        return str(one.me)


HOME, AWAY, BOX = "/ip4/192.168.1.7/tcp/4001", "/ip4/0.0.0.0/tcp/4001", "/ip4/127.0.0.1/tcp/0"
INSIDE = ("10.1.2.3", "172.16.0.1", "172.31.255.1", "192.168.1.9")
NEVER = ("169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1")


@pytest.mark.parametrize(
    ("named", "allowed", "refused"),
    [
        ([AWAY], ["8.8.8.8"], [*INSIDE, *NEVER, "127.0.0.1"]),
        ([AWAY, HOME], ["8.8.8.8", *INSIDE], [*NEVER, "127.0.0.1"]),
        ([HOME], ["8.8.8.8", *INSIDE], [*NEVER, "127.0.0.1"]),
        ([BOX], ["8.8.8.8", "127.0.0.1", "127.9.9.9"], [*INSIDE, *NEVER]),
        ([BOX, OUT], ["8.8.8.8"], [*INSIDE, *NEVER, "127.0.0.1"]),
        ([BOX, "/dns4/seed.example/tcp/4001"], ["8.8.8.8"], [*INSIDE, *NEVER, "127.0.0.1"]),
    ],
)
def test_strangers_lead_only_where_the_operator_is_at_home_anyway(named, allowed, refused):
    bounds = Bounds([Multiaddr(named[0])], [Multiaddr(one) for one in named[1:]])

    assert [one for one in allowed if not bounds.allow(Multiaddr(f"/ip4/{one}/tcp/22"))] == []
    assert [one for one in refused if bounds.allow(Multiaddr(f"/ip4/{one}/tcp/22"))] == []
    assert all(bounds.allow(Multiaddr(one)) for one in named[1:])


@pytest.mark.parametrize(
    "place", ["fd00::1", "fe80::1", "ff02::1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"]
)
def test_of_ipv6_too_only_the_open_internet_is_dialled(place):
    bounds = Bounds([Multiaddr(AWAY)])

    assert not bounds.allow(Multiaddr(f"/ip6/{place}/tcp/22"))
    assert bounds.allow(Multiaddr("/ip6/2606:4700:4700::1111/tcp/22"))


SPEAKERS = {
    "client", "home", "adapters/chain/devnet", "adapters/chain/rpc", "adapters/compute/fleet", "adapters/ipfs/kuborpc",
    "adapters/media/child", "adapters/media/spawning", "demo/cast", "upkeep/outside",
}  # fmt: skip
"""Modules that may open a connection, beside those of adapters/p2p and those that serve in adapters/web."""
_SPEAKS = re.compile(
    r"^\s*(?:import|from) (?:httpx|requests|urllib\.request|urllib3|http\.client|socket|aiohttp)\b"
    r"|^\s*(?:import|from) (?:websockets|ipfshttpclient)\b"
    r"|open_tcp_stream|trio\.socket|create_connection",
    re.MULTILINE,
)


def test_no_other_module_can_open_a_connection():
    package = Path(thenar.__file__).parent
    named = {path.relative_to(package).with_suffix("").as_posix(): path for path in package.rglob("*.py")}
    found = {name for name, path in named.items() if _SPEAKS.search(path.read_text(encoding="utf-8"))}

    assert {name for name in found if not name.startswith(("adapters/p2p/", "adapters/web/"))} == SPEAKERS
