"""CIDs equal those of Kubo and ipfs-unixfs-importer, and a node that departs from the layout is refused.

The golden CIDs were computed with ipfs-unixfs-importer 15.4.0 (cidVersion 1, rawLeaves, 256 KiB, width 174).
"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patterns import pattern

from thenar.domain import unixfs
from thenar.domain.ids import DAG_PB, RAW, Cid
from thenar.errors import BadInput, Corrupt

GOLDEN = {
    0: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    1: "bafkreigs4kw7of33pkfp3w6bfuldjtzd5inhcaqpnijqqbykczaa7nup3y",
    262_143: "bafkreictzym4cj5ik4nohbsf6kde5p74xxehew65p4lp2ft6wxgvet2ziq",
    262_144: "bafkreibqld73elngr36p5eyj3vajoplveb4w7h4byc6emmfckgtyhipegm",
    262_145: "bafybeidgumamidwa3wqxriiznqia73yfs5hyfdh5wnsdie55eubjghks4m",
    524_288: "bafybeigek5lyf5fyqj2j4z3urp2rjaj3quhhvhes5mua66ysqzvzrok3hi",
    45_613_056: "bafybeigkbiu4mteo6kkj3uhoxart6mbiefq2lzbvffylcflhh5gt5yuf3m",  # 174 leaves
    45_613_057: "bafybeie4bjstxvvkyoqe7alwmweme5wtnzymm5uuwh5yxtul2v6dn5sgly",  # 174 leaves and one byte
    45_875_200: "bafybeihczc6exn5kqq43rue2tb4ms5j27nywp43av33lkdg7n6qcorzz4q",  # 175 leaves
}
GOLDEN_ONE_BYTE_LEAVES = {
    174: "bafybeibo5a7xqzkkkplnhnehl5ce4wiaa7entyvtsh65mccjuxuip77puq",
    175: "bafybeiduvtalcwimdyflxbqv3ohw4644zmdiwkzok5wkvrwwpt2ty5jqqi",
    174 * 174: "bafybeiguhci2ci47y65hdhojvknqmkfswgc5f2trnimk75okddn4ydiryu",
    174 * 174 + 1: "bafybeigrd5ppcq3azsqmach3vz5tft5cn77cbuohrscrkizmlk36mwwnei",
    174 * 175 + 1: "bafybeigm2svxanh54evd5jeg6vrzi6gi5logez75nmqcq4fcbt36d5oquq",
}

Kept = dict[Cid, bytes]


def build(size: int) -> tuple[Cid, Kept]:
    kept: Kept = {}
    builder = unixfs.Builder(lambda cid, block: kept.__setitem__(cid, bytes(block)))
    for leaf in pattern(size):
        builder.leaf(leaf)
    return builder.finish(), kept


def synthetic(leaves: int, size: int) -> tuple[Cid, Kept]:
    """A DAG over ``leaves`` full leaves that exist by name only; the last one has the rest of ``size``."""
    kept: Kept = {}
    builder = unixfs.Builder(lambda cid, block: kept.__setitem__(cid, bytes(block)))
    for index in range(leaves):
        length = min(unixfs.LEAF_BYTES, size - index * unixfs.LEAF_BYTES)
        builder.link(unixfs.Link(unixfs.leaf_cid(str(index).encode()), length, length))
    return builder.finish(), kept


@pytest.mark.parametrize("size", GOLDEN)
def test_cids_equal_the_reference_at_every_boundary(size: int) -> None:
    root, kept = build(size)

    assert root == GOLDEN[size]
    assert all(unixfs.block_cid(cid.codec, block) == cid for cid, block in kept.items())


@pytest.mark.parametrize("leaves", GOLDEN_ONE_BYTE_LEAVES)
def test_deep_trees_equal_the_reference(leaves: int) -> None:
    builder = unixfs.Builder(lambda cid, block: None)
    data = b"".join(pattern(leaves))

    for index in range(leaves):
        builder.link(unixfs.Link(unixfs.leaf_cid(data[index : index + 1]), 1, 1))

    assert builder.finish() == GOLDEN_ONE_BYTE_LEAVES[leaves]


@given(st.integers(2, 400), st.integers(1, unixfs.LEAF_BYTES))
def test_every_node_built_is_parsed_again(leaves: int, last: int) -> None:
    size = (leaves - 1) * unixfs.LEAF_BYTES + last
    root, kept = synthetic(leaves, size)
    found = 0

    assert unixfs.size_of(kept[root]) == size
    todo = [(root, size, unixfs.depth_of(size))]
    while todo:
        cid, below, depth = todo.pop()
        if depth == 0:
            found += 1
            assert cid.codec == RAW
            continue
        node = unixfs.parse_node(kept[cid], size=below, depth=depth)
        assert node.size == below
        todo += [(link.cid, link.size, depth - 1) for link in node.links]
    assert found == leaves


def test_a_full_third_level_is_parsed_again() -> None:
    leaves = 174 * 174 + 1
    root, kept = synthetic(leaves, leaves * unixfs.LEAF_BYTES)

    node = unixfs.parse_node(kept[root], size=leaves * unixfs.LEAF_BYTES, depth=3)

    assert [link.size for link in node.links] == [174 * 174 * unixfs.LEAF_BYTES, unixfs.LEAF_BYTES]


@given(st.integers(2, 200), st.data())
def test_a_node_with_one_wrong_byte_is_refused_or_names_other_children(leaves: int, data: st.DataObject) -> None:
    size = leaves * unixfs.LEAF_BYTES
    root, kept = synthetic(leaves, size)
    depth = unixfs.depth_of(size)
    block = bytearray(kept[root])
    good = unixfs.parse_node(bytes(block), size=size, depth=depth)
    block[data.draw(st.integers(0, len(block) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    try:
        read = unixfs.parse_node(bytes(block), size=size, depth=depth)
    except Corrupt:
        return
    assert read != good
    assert [link.size for link in read.links] == [link.size for link in good.links]


@given(st.binary(max_size=300))
def test_noise_is_never_a_node(noise: bytes) -> None:
    with pytest.raises(Corrupt):
        unixfs.parse_node(noise, size=3 * unixfs.LEAF_BYTES, depth=1)


@given(st.binary(max_size=300))
def test_noise_has_no_size(noise: bytes) -> None:
    with contextlib.suppress(Corrupt):
        assert unixfs.LEAF_BYTES < unixfs.size_of(noise) <= unixfs.MAX_FILE_BYTES


def node_of(*sizes: int) -> bytes:
    """A node over leaves of these sizes, as encoded as any."""
    leaf = unixfs.leaf_cid(b"leaf")
    return unixfs.encode_node(tuple(unixfs.Link(leaf, size, size) for size in sizes))


@pytest.mark.parametrize("size", [unixfs.LEAF_BYTES + 1, unixfs.MAX_FILE_BYTES])
def test_a_root_node_holds_more_than_a_leaf_and_at_most_a_file(size: int) -> None:
    assert unixfs.size_of(node_of(size)) == size


@pytest.mark.parametrize("size", [0, 1, unixfs.LEAF_BYTES, unixfs.MAX_FILE_BYTES + 1])
def test_a_root_node_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(Corrupt, match=f"claims {size} bytes"):
        unixfs.size_of(node_of(size))


def test_a_size_that_was_cut_off_or_never_ends_is_refused() -> None:
    for number in (b"", b"\x80", b"\xff\xff\x9f", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"):
        with pytest.raises(Corrupt, match="malformed"):
            unixfs.size_of(b"\x0a\x10\x08\x02\x18" + number)


@pytest.mark.parametrize("head", [b"\x0b\x10\x08\x02\x18", b"\x0a\x10\x08\x01\x18", b"\x0a\x10\x08\x02\x20"])
def test_what_does_not_begin_like_a_node_has_no_size(head: bytes) -> None:
    with pytest.raises(Corrupt, match="malformed"):
        unixfs.size_of(head + b"\x80\x80\x20")


def test_a_node_of_no_leaf_or_of_too_many_is_refused() -> None:
    leaves = [unixfs.LEAF_BYTES] * (unixfs.WIDTH + 1)

    assert unixfs.parse_node(node_of(*leaves[1:]), size=sum(leaves[1:]), depth=1)
    for wrong in ([], leaves):
        with pytest.raises(Corrupt, match="layout"):
            unixfs.parse_node(node_of(*wrong), size=sum(wrong), depth=1)


@pytest.mark.parametrize("kept", range(1, 60))
def test_a_node_that_was_cut_off_is_refused(kept: int) -> None:
    whole = node_of(unixfs.LEAF_BYTES, 1)

    with pytest.raises(Corrupt, match=r"malformed|links to"):
        unixfs.parse_node(whole[:kept], size=unixfs.LEAF_BYTES + 1, depth=1)


def test_the_largest_node_fits_the_limit() -> None:
    top = 1 << 62
    links = (unixfs.Link(Cid.of(DAG_PB, bytes(32)), top, top),) * unixfs.WIDTH

    assert len(unixfs.encode_node(links)) <= unixfs.MAX_NODE_BYTES


def test_an_oversized_node_is_refused_before_it_is_read() -> None:
    with pytest.raises(Corrupt, match="over the limit"):
        unixfs.parse_node(bytes(unixfs.MAX_NODE_BYTES + 1), size=1 << 20, depth=1)
    with pytest.raises(Corrupt, match="over the limit"):
        unixfs.size_of(bytes(unixfs.MAX_NODE_BYTES + 1))
    with pytest.raises(Corrupt, match="malformed"):
        unixfs.parse_node(bytes(unixfs.MAX_NODE_BYTES), size=1 << 20, depth=1)
    with pytest.raises(Corrupt, match="malformed"):
        unixfs.size_of(bytes(unixfs.MAX_NODE_BYTES))


def test_a_leaf_after_a_short_leaf_is_refused() -> None:
    builder = unixfs.Builder(lambda cid, block: None)
    builder.leaf(b"short")

    with pytest.raises(BadInput, match="exactly 262144"):
        builder.leaf(b"more")


def test_a_leaf_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadInput, match="exactly 262144"):
        unixfs.Builder(lambda cid, block: None).leaf(bytes(unixfs.LEAF_BYTES + 1))


def test_a_block_is_held_against_its_name() -> None:
    cid = unixfs.leaf_cid(b"block")

    unixfs.check_block(cid, b"block")
    with pytest.raises(Corrupt, match=str(cid)):
        unixfs.check_block(cid, b"blocK")


def test_every_block_is_emitted_once_and_counted() -> None:
    emitted: list[Cid] = []
    builder = unixfs.Builder(lambda cid, _: emitted.append(cid))
    builder.leaves([bytes(unixfs.LEAF_BYTES), b"rest"])

    root = builder.finish()

    assert emitted == [unixfs.leaf_cid(bytes(unixfs.LEAF_BYTES)), unixfs.leaf_cid(b"rest"), root]
    assert (builder.blocks, builder.size) == (3, unixfs.LEAF_BYTES + 4)


@pytest.mark.parametrize(
    ("size", "depth"),
    [
        (0, 0),
        (unixfs.LEAF_BYTES, 0),
        (unixfs.LEAF_BYTES + 1, 1),
        (unixfs.LEAF_BYTES * 174, 1),
        (unixfs.LEAF_BYTES * 174 + 1, 2),
        (unixfs.MAX_FILE_BYTES, 5),
    ],
)
def test_levels_are_added_only_when_they_are_needed(size: int, depth: int) -> None:
    assert unixfs.depth_of(size) == depth


@pytest.mark.parametrize("size", [-1, unixfs.MAX_FILE_BYTES + 1])
def test_a_file_has_a_sensible_size(size: int) -> None:
    with pytest.raises(BadInput):
        unixfs.depth_of(size)
