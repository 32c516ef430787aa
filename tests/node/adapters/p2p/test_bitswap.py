"""Reading and writing the bitswap message."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libp2p.bitswap.pb.bitswap_pb2 import Message

from thenar.adapters.p2p import bitswap, wire
from thenar.domain.ids import DAG_PB, RAW, Cid
from thenar.errors import BadInput

BLOCKS = st.binary(max_size=200)
CODECS = st.sampled_from([RAW, DAG_PB])


def _unframed(outgoing: bitswap.Outgoing) -> bytes:
    data = outgoing.frame()
    for size in range(1, 6):
        if data and wire.varint(len(data) - size) == data[:size]:
            return data[size:]
    assert not data
    return data


@given(BLOCKS, CODECS)
def test_a_cid_survives_its_binary_form(block: bytes, codec: int) -> None:
    cid = bitswap.cid_of(codec, block)

    assert bitswap.parse_cid(bitswap.spell(cid)) == cid


def test_a_version_0_cid_is_the_dag_pb_block_of_its_hash() -> None:
    digest = hashlib.sha256(b"node").digest()

    assert bitswap.parse_cid(b"\x12\x20" + digest) == Cid.of(DAG_PB, digest)


@given(st.binary(max_size=40))
def test_any_other_bytes_are_no_cid_or_a_canonical_one(raw: bytes) -> None:
    cid = bitswap.parse_cid(raw)

    assert cid is None or raw in (bitswap.spell(cid), raw[:2] + cid.digest)


@given(st.lists(st.tuples(BLOCKS, CODECS), max_size=5), st.sampled_from(bitswap.PROTOCOLS))
def test_blocks_arrive_in_every_version(blocks: list[tuple[bytes, int]], protocol: str) -> None:
    outgoing = bitswap.Outgoing()
    for block, codec in blocks:
        cid = bitswap.cid_of(codec, block)
        outgoing.block(bitswap.Ask(cid, bitswap.spell(cid), False, True), block, protocol)

    received = bitswap.read(_unframed(outgoing))

    assert [block for _, block in received.blocks] == [block for block, _ in blocks]
    for (codecs, _), (_, codec) in zip(received.blocks, blocks, strict=True):
        assert codec in codecs


def test_wants_cancels_and_presences_are_understood() -> None:
    here, gone = bitswap.cid_of(RAW, b"here"), bitswap.cid_of(DAG_PB, b"gone")
    outgoing = bitswap.Outgoing()
    outgoing.want([here])
    outgoing.cancel([gone])
    outgoing.presence(bitswap.spell(here), have=True, protocol=bitswap.V1_2)
    outgoing.presence(bitswap.spell(gone), have=False, protocol=bitswap.V1_2)
    outgoing.presence(bitswap.spell(gone), have=False, protocol=bitswap.V1_1)

    received = bitswap.read(_unframed(outgoing))

    assert [(ask.cid, ask.have, ask.tell_missing) for ask in received.asks] == [(here, False, True)]
    assert received.cancels == [bitswap.spell(gone)]
    assert (received.haves, received.missing) == ([here], [gone])


@pytest.mark.parametrize("part", ["wants", "blocks", "presences"])
def test_a_message_with_too_many_entries_is_refused(part: str) -> None:
    message, cid = Message(), bitswap.spell(bitswap.cid_of(RAW, b"x"))
    for _ in range(bitswap.MAX_ENTRIES + 1):
        if part == "wants":
            message.wantlist.entries.add(block=cid)
        elif part == "blocks":
            message.payload.add(prefix=cid[:4], data=b"x")
        else:
            message.blockPresences.add(cid=cid, type=Message.Have)

    with pytest.raises(BadInput, match="more than 1024"):
        bitswap.read(message.SerializeToString())


def test_blocks_over_the_cap_and_of_unknown_kind_are_not_taken() -> None:
    message = Message()
    message.payload.add(prefix=b"\x01\x55\x12\x20", data=bytes(bitswap.MAX_BLOCK_TAKEN + 1))
    message.payload.add(prefix=b"\x01\x71\x12\x20", data=b"dag-cbor")
    message.payload.add(prefix=b"", data=b"nothing")

    assert bitswap.read(message.SerializeToString()).blocks == []


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_understood_or_refused(data: bytes) -> None:
    try:
        bitswap.read(data)
    except BadInput:
        return
