"""One search for blocks, in every order of events."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.p2p.session import Session
from thenar.domain.ids import RAW, Cid, PeerId
from thenar.errors import NotFound, Unavailable

ANA, BEN, CARL = PeerId("ana"), PeerId("ben"), PeerId("carl")


def _cid(number: int) -> Cid:
    return Cid.of(RAW, hashlib.sha256(bytes([number])).digest())


class Asked:
    """What a session asked of whom."""

    def __init__(self) -> None:
        self.open: dict[Cid, PeerId] = {}

    def __call__(self, peer: PeerId, cid: Cid, wanted: bool) -> None:
        if wanted:
            assert self.open.setdefault(cid, peer) == peer
        else:
            assert self.open.pop(cid) == peer


def test_never_more_than_a_window_is_asked_for() -> None:
    asked = Asked()
    session = Session([_cid(n) for n in range(100)], [ANA, BEN], asked, window=10)

    session.fill()

    assert len(asked.open) == 10
    assert sorted(asked.open.values()).count(ANA) == 5


def test_blocks_not_yet_taken_count_as_asked_for() -> None:
    asked = Asked()
    session = Session([_cid(n) for n in range(100)], [ANA], asked, window=10)
    session.fill()
    for cid in list(asked.open):
        del asked.open[cid]
        assert session.on_block(cid, b"block")

    session.fill()

    assert not asked.open


def test_a_block_nobody_asked_for_is_not_taken() -> None:
    session = Session([_cid(1)], [ANA], Asked(), window=10)
    session.fill()

    assert not session.on_block(_cid(2), b"unsolicited")
    assert session.take() is None


def test_a_peer_that_has_it_not_is_followed_by_the_next() -> None:
    asked = Asked()
    session = Session([_cid(1)], [ANA, BEN], asked, window=10)
    session.fill()
    first = asked.open.pop(_cid(1))

    session.on_missing(first, _cid(1))

    assert asked.open[_cid(1)] == ({ANA, BEN} - {first}).pop()


def test_a_refusal_by_somebody_who_was_not_asked_means_nothing() -> None:
    asked = Asked()
    session = Session([_cid(1)], [ANA, BEN], asked, window=10)
    session.fill()

    session.on_missing(CARL, _cid(1))
    session.on_missing(({ANA, BEN} - {asked.open[_cid(1)]}).pop(), _cid(1))

    assert len(asked.open) == 1


def test_when_all_say_no_it_is_not_found() -> None:
    asked = Asked()
    session = Session([_cid(1), _cid(2)], [ANA, BEN], asked, window=10)
    session.fill()
    while asked.open:
        cid, peer = asked.open.popitem()
        session.on_missing(peer, cid)

    with pytest.raises(NotFound, match="none of 2 peers"):
        session.raise_for_missing()


def test_when_one_went_away_it_is_only_unavailable() -> None:
    asked = Asked()
    session = Session([_cid(1)], [ANA, BEN], asked, window=10)
    session.fill()
    session.on_gone(asked.open[_cid(1)])
    cid, peer = asked.open.popitem()
    session.on_missing(peer, cid)

    with pytest.raises(Unavailable, match="stopped answering"):
        session.raise_for_missing()


def test_silent_peers_are_passed_over_while_there_are_others() -> None:
    asked = Asked()
    session = Session([_cid(1)], [ANA, BEN], asked, window=10)
    session.fill()
    first = asked.open[_cid(1)]

    assert session.on_stall()
    assert asked.open[_cid(1)] != first
    assert not session.on_stall()


def test_a_search_without_peers_is_not_found_at_once() -> None:
    session = Session([_cid(1)], [], Asked(), window=10)
    session.fill()

    assert not session.outstanding
    with pytest.raises(NotFound):
        session.raise_for_missing()


def test_closing_takes_every_ask_back() -> None:
    asked = Asked()
    session = Session([_cid(n) for n in range(5)], [ANA], asked, window=10)
    session.fill()

    session.close()

    assert not asked.open


@given(st.data())
def test_every_block_comes_once_or_is_reported_missing_whatever_happens(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 12))
    asked, peers = Asked(), data.draw(st.lists(st.sampled_from([ANA, BEN, CARL]), max_size=4))
    session = Session([_cid(n) for n in range(count)], peers, asked, window=data.draw(st.integers(2, 6)))
    taken: list[Cid] = []
    for _ in range(200):
        session.fill()
        while (came := session.take()) is not None:
            taken.append(came[0])
        if not session.outstanding:
            break
        cid = data.draw(st.sampled_from(sorted(asked.open)))
        event = data.draw(st.sampled_from(["block", "block", "missing", "gone", "stall"]))
        if event == "block":
            del asked.open[cid]
            session.on_block(cid, b"")
        elif event == "missing":
            session.on_missing(asked.open.pop(cid), cid)
        elif event == "gone":
            session.on_gone(asked.open[cid])
        else:
            session.on_stall()

    assert not session.outstanding and session.take() is None
    assert len(taken) == len(set(taken))
    if len(taken) < count:
        with pytest.raises((NotFound, Unavailable)):
            session.raise_for_missing()
    else:
        session.raise_for_missing()
