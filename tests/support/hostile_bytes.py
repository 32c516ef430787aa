"""Every reader of bytes that strangers write, what they look like when they are honest, and how they are spoiled."""

from __future__ import annotations

import io
import json
import random
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from captures import make_manifest
from chain_facts import ANA
from faults import deployment_file

from thenar.adapters.chain import deployments, rpc
from thenar.adapters.chain.abi import FOLLOWED, entries
from thenar.adapters.chain.decode import Decoder
from thenar.adapters.media import LAYOUT_TEMPLATE, TEMPLATE
from thenar.adapters.media.layout import load_layout
from thenar.adapters.media.sidecar import load_sidecar
from thenar.adapters.p2p import bitswap, identity, wire
from thenar.config import load as load_settings
from thenar.config import template
from thenar.domain import canonical, card, guard, messages, money, place, protocols, sumtree, unixfs
from thenar.domain.batches import BatchCard, Members
from thenar.domain.bounty.sealed import SealedNote
from thenar.domain.bounty.sketches import SketchNote, decode_sketch, decode_witness, encode_witness
from thenar.domain.bounty.subjects import Subject
from thenar.domain.epochs import tree
from thenar.domain.epochs.pools import Rewards
from thenar.domain.ids import RAW, Address, AssetId, Cid, PeerId, address, asset_id, tx_hash
from thenar.domain.reflex import attestations, frames, offers
from thenar.domain.revenue import Beneficiary
from thenar.domain.scoring.parameters import RULES
from thenar.domain.scoring.places import PlaceSketch
from thenar.domain.scoring.transform import SAME
from thenar.domain.work.checkpoints import first
from thenar.domain.work.classes import X1, X2
from thenar.domain.work.jobs import AssetFile, JobSpec
from thenar.domain.work.jobwork import Simulation, Wasm
from thenar.domain.work.results import SCHEMA, WorkRecord, read_trace, trace_file
from thenar.domain.work.sums import unpacked
from thenar.domain.work.trace import TraceTree
from thenar.upkeep import archive

FILE = Cid.of(RAW, bytes(32))
PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"
ASSET = "0x" + "a5" * 32
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
WORDS = (
    b"\x00", b'"', b"{", b"[[[[", b"}", b",", b"-1", b"1e999", b"NaN", b"null", b"\xff\xfe", b"9" * 400, b"\\ud800",
    b"../../", b"0x", b"\r\n", b'"__proto__":', "\u202e".encode(), b"%00", b"/p2p/", b"[[a]]", b"''''",
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """Something that reads bytes, and honest bytes for it."""

    read: Callable[[bytes], object]
    honest: tuple[bytes, ...]


def spoiled(data: bytes, dice: random.Random) -> bytes:
    """Bytes that are wrong somewhere: a few small edits, a word where none belongs, or noise altogether."""
    if dice.random() < 0.03:
        return dice.randbytes(dice.choice((0, 1, 7, 64, 300, 5_000)))
    made = bytearray(data)
    for _ in range(dice.randint(1, 5)):
        at = dice.randrange(len(made) + 1)
        match dice.randrange(7):
            case 0 if at < len(made):
                made[at] ^= 1 << dice.randrange(8)
            case 1:
                made[at:at] = dice.choice(WORDS)
            case 2:
                del made[at : at + dice.randint(1, 40)]
            case 3:
                del made[at:]
            case 4:
                width = dice.choice((1, 2, 4, 8))
                made[at : at + width] = (dice.choice(EDGES) % 256**width).to_bytes(
                    width, dice.choice(("big", "little"))
                )
            case 5:
                made[at:at] = made[at : at + dice.randint(1, 200)] * dice.choice((1, 2, 50))
            case _:
                made[at : at + 8], made[:8] = made[:8], made[at : at + 8]
    return bytes(made)


def text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """A reader of text, given whatever bytes spell."""
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


def inside(read: Callable[[dict[str, Any]], object]) -> Callable[[bytes], object]:
    """A reader of an object that came in canonical JSON."""
    return lambda data: read(canonical.decode_object(data, limit=1 << 20))


def on_disk(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    """A reader of a file; whatever it writes goes below one folder, and nothing may be beside it afterwards."""

    def from_file(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "in" / name
            path.parent.mkdir()
            path.write_bytes(data)
            try:
                return read(path)
            finally:
                assert {one.name for one in Path(folder).iterdir()} <= {"in", "out"}, "written outside its folder"

    return from_file


def _unpacked(path: Path) -> object:
    target = path.parent.parent / "out"
    target.mkdir()
    return archive.unpack(path, target)


def backup(*heads: tuple[tarfile.TarInfo, bytes], files: dict[str, str] | None = None) -> bytes:
    """An archive with a true list, and whatever else."""
    contents = archive.Contents(str(ANA), 1, "1", "0x00", 1, files or {}, 0)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as tar:
        archive.add_bytes(tar, archive.LIST, contents.spell())
        for head, data in heads:
            tar.addfile(head, io.BytesIO(data))
    return made.getvalue()


def _backup() -> bytes:
    block = b"a block" * 9
    cid = unixfs.block_cid(RAW, block)
    head = tarfile.TarInfo(f"store/blocks/{cid[-2]}/{cid}")
    head.size = len(block)
    return backup((head, block))


def _logs() -> Reader:
    contracts = {name: Address(f"0x{at + 1:040x}") for at, name in enumerate(FOLLOWED)}
    decoder = Decoder(contracts)
    place = {
        "blockNumber": "0x5",
        "logIndex": "0x0",
        "blockHash": "0x" + "ab" * 32,
        "transactionHash": "0x" + "cd" * 32,
    }
    honest = []
    for name in FOLLOWED:
        for event in entries(name, "event"):
            words = [param for param in event.inputs if param["indexed"]]
            topics = ["0x" + event.id.hex(), *("0x" + "00" * 31 + "01" for _ in words)]
            log = {"address": contracts[name], "topics": topics, "data": "0x" + "00" * 31 * 32, **place}
            honest.append(json.dumps(log).encode())

    return Reader(lambda data: decoder.fact(rpc._parsed(data)), tuple(honest))  # type: ignore[arg-type]


def _sketch() -> bytes:
    points = np.random.default_rng(5).integers(0, 4_000, (300, 3))
    return PlaceSketch.of(points, RULES.spatial).encode()


def _domain() -> Iterator[tuple[str, Reader]]:
    owner = Address("0x" + "a1" * 20)
    scope = sumtree.Scope(31_337, owner, AssetId(ASSET), 3)
    shares = [
        sumtree.Share(Beneficiary.OWNER, bytes(31) + b"\x01", 5),
        sumtree.Share(Beneficiary.NODE, b"\x02" * 32, 7),
    ]
    published = sumtree.Published(scope, shares, (AssetId("0x" + "01" * 32),))
    file = AssetFile(FILE, "0x" + "00" * 32, 10)
    rollout = JobSpec("mujoco-rollout", X1.id, 7, 64, 40, 50, Simulation("m.xml", 20), {"m.xml": file})
    module = JobSpec("wasm", X2.id, 1, 3, 4, 10_000, Wasm("job.wasm", ("in.bin",)), {"job.wasm": file, "in.bin": file})
    links = tuple(unixfs.Link(FILE, unixfs.LEAF_BYTES, unixfs.LEAF_BYTES) for _ in range(2))
    envelope = messages.Envelope(
        31_337, "offer", PeerId(PEER), 1_795_300_000_000_000_000, {"price": 5, "what": "infer"}
    )
    record = WorkRecord(SCHEMA, 7, 0, ("00" * 32,) * 2, (str(FILE),) * 2, (str(FILE),) * 2, (0, 0), (2**45,) * 2)
    sketch = SketchNote(ASSET, "spatial", "0x" + "11" * 32, str(FILE), 900)
    sealed = SealedNote(ASSET, "spatial", "0x" + "11" * 32, str(FILE), 900, "ab" * 64, "cd" * 32)
    batch = BatchCard(str(owner), "Touches", 2, str(FILE), "CC-BY-4.0")
    said = guard.spell(guard.Document(owner, 31_337, (guard.Said("block", "1", b"ab" * 16),)))
    rewards = tree.RewardTree.build(Rewards(1, owner), 1, {owner: 5}).encoded
    yield "canonical JSON", Reader(lambda data: canonical.decode(data, limit=1 << 16), (envelope.encode(),))
    yield "gossip", Reader(lambda data: messages.decode(data, chain=31_337), (envelope.encode(),))
    yield "gossip packet", Reader(messages.split, (bytes(64) + envelope.encode(),))
    yield "payout", Reader(sumtree.decode, (sumtree.encode(published),))
    yield "rewards", Reader(tree.decode, (rewards,))
    yield (
        "dag node",
        Reader(lambda data: unixfs.parse_node(data, size=2 * unixfs.LEAF_BYTES, depth=1), (unixfs.encode_node(links),)),
    )
    yield "size of a dag", Reader(unixfs.size_of, (unixfs.encode_node(links),))
    yield "job", Reader(JobSpec.decode, (rollout.encode(), module.encode()))
    yield "work record", Reader(WorkRecord.decode, (record.encode(),))
    made = [first(b"c" * 32, b"s" * 32, 3, b"state 0")]
    made += [made[0].after(b"state 1", b"seen", 10)]
    leaves = b"".join(one.leaf for one in made)
    root = TraceTree.of(leaves).root
    yield "trace", Reader(lambda data: read_trace(data, 1, root), (trace_file(leaves, made[-1].encode()),))
    yield "sums", Reader(unpacked, (bytes(8 * 9),))
    yield "witness", Reader(decode_witness, (encode_witness(SAME),))
    yield "sketch", Reader(decode_sketch, (_sketch(),))
    yield "sketch note", Reader(SketchNote.decode, (sketch.encode(),))
    yield "subject", Reader(Subject.decode, (Subject("soft objects", 500).encode(),))
    yield "sealed note", Reader(SealedNote.decode, (sealed.encode(),))
    yield "batch", Reader(BatchCard.decode, (batch.encode(),))
    yield "members", Reader(lambda data: Members.read(owner, data), (bytes(range(168)) * 3,))
    yield "description", Reader(card.decode_description, (make_manifest().encode(),))
    yield "statements", Reader(text(guard.read), (said.encode(),))


def _wire() -> Iterator[tuple[str, Reader]]:
    owner = "0x" + "a1" * 20
    asked: dict[str, tuple[type[Any], dict[str, object]]] = {
        "asset": (protocols.AssetRequest, {"asset": ASSET}),
        "segments": (protocols.SegmentRequest, {"asset": ASSET, "first": 3, "count": 2}),
        "key": (
            protocols.KeyRequest,
            {"asset": ASSET, "account": owner, "key": "ab" * 64, "at": 5, "signature": "cd" * 65},
        ),
        "epoch key": (protocols.EpochKeyRequest, {"stream": 1, "subscriber": owner, "epoch": 4}),
    }
    for name, (kind, body) in asked.items():
        read = inside(lambda value, kind=kind: protocols.read(kind, value, "a request"))  # type: ignore[misc]
        yield f"asking for {name}", Reader(read, (canonical.encode(body),))
    offer = {
        "what": "infer", "node": owner, "model": ASSET, "price": 5, "observation": 4, "action": 2, "batch": 1,
        "latency_us": 900,
        "addresses": [f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER}"],
    }  # fmt: skip
    word = {"what": "infer", "peer": PEER, "model": ASSET, "median_us": 900, "calls": 20, "failed": 0}
    yield "offer", Reader(inside(offers.read_offer), (canonical.encode(offer),))
    yield "attestation", Reader(inside(attestations.read_attestation), (canonical.encode(word),))
    yield (
        "frame",
        Reader(lambda data: frames.read_header(data[:16].ljust(16, b"\0")), (frames.HEADER.pack(1, 0, 0, 9, 7),)),
    )
    bodies = (
        frames.Hello(7, AssetId(ASSET), b"\x01" * 65),
        frames.Ready(16, 4, 8, 2_048, 10**20, b"\x02" * 32),
        frames.Pay(10**20, 12, b"\x03" * 65),
        frames.SignedWindow(3, 1_024, b"\x04" * 32, b"\x05" * 32, b"\x06" * 65),
    )
    for body in bodies:
        yield f"frame of {type(body).__name__}", Reader(type(body).decode, (body.encode(),))
    outgoing = bitswap.Outgoing()
    outgoing.want([FILE])
    outgoing.cancel([FILE])
    outgoing.presence(bitswap.spell(FILE), have=True, protocol=bitswap.V1_2)
    outgoing.block(bitswap.Ask(FILE, bitswap.spell(FILE), False, True, 1), b"data", bitswap.V1_2)
    message = outgoing.frame()
    yield "bitswap", Reader(bitswap.read, (message[len(wire.varint(len(message) - 2)) :],))
    yield "binary CID", Reader(bitswap.parse_cid, (bitswap.spell(FILE),))
    yield "base64", Reader(text(lambda said: protocols.from_text(said, limit=4_096)), (b"aGVsbG8gd29ybGQ=",))
    yield "multiaddress", Reader(text(identity.parse_address), (f"/ip4/127.0.0.1/tcp/4001/p2p/{PEER}".encode(),))
    yield "logs of the chain", _logs()
    answers = json.dumps([{"jsonrpc": "2.0", "id": n, "result": "0x1"} for n in (1, 2)]).encode()
    yield "answers of the chain", Reader(lambda data: rpc._answers(data, [1, 2]), (answers,))


def _typed() -> Iterator[tuple[str, Reader]]:
    yield "CID", Reader(text(Cid.parse), (str(FILE).encode(),))
    yield "cell", Reader(text(place.parse_cell), (b"8a1f05a9b7affff",))
    yield "amount", Reader(text(lambda said: money.parse_amount(said, 6)), (b"12.500001", b"100"))
    yield "share", Reader(text(money.parse_share), (b"12.5%",))
    yield "address", Reader(text(address), (ANA.encode(),))
    yield "asset id", Reader(text(asset_id), (ASSET.encode(),))
    yield "transaction hash", Reader(text(tx_hash), (ASSET.encode(),))


def _stated() -> bytes:
    said = {
        'class = ""': 'class = "public_street"',
        'cell = ""': 'cell = "8a1fb46622dffff"',
        "subjects = []": 'subjects = ["none"]',
        "purposes = []": 'purposes = ["simulate"]',
        'premises_permission = ""': 'premises_permission = "public"',
        'bystander_treatment = ""': 'bystander_treatment = "none_present"',
        'jurisdiction = ""': 'jurisdiction = "DE"',
        'text = ""': 'text = "nobody is in it"',
    }
    text = TEMPLATE
    for blank, filled in said.items():
        text = text.replace(f"\n{blank}", f"\n{filled}")
    return text.encode()


def _files() -> Iterator[tuple[str, Reader]]:
    layout = b'modality = "imu"\nheader = false\n[[stream]]\nname = "s"\nkind = "k"\ncolumns = ["2"]\nunits = "1"\n'
    with tempfile.TemporaryDirectory() as folder:
        deployed = deployment_file(Path(folder)).read_bytes()
    settings = on_disk(lambda path: load_settings(path.parent, environment={}), "thenar.toml")
    yield "settings", Reader(settings, (template().encode(),))
    yield "layout", Reader(on_disk(load_layout, "layout.toml"), (layout, LAYOUT_TEMPLATE.encode()))
    yield "sidecar", Reader(on_disk(lambda path: load_sidecar(path.with_name("x.pcd"), path), "x.toml"), (_stated(),))
    yield "deployment", Reader(on_disk(deployments.load, "31337.json"), (deployed,))
    yield "backup", Reader(on_disk(_unpacked, "backup.tar"), (_backup(),))
    yield "backup's list", Reader(archive.read_list, (archive.Contents(str(ANA), 1, "1", "0x", 1, {}, 0).spell(),))


def readers() -> dict[str, Reader]:
    """All of them by name."""
    return dict([*_domain(), *_wire(), *_typed(), *_files()])
