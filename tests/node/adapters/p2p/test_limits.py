"""Token buckets and the set that forgets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.p2p.limits import Patience, Rates, Seen


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    clock = _Clock()
    rates = Rates(10, 5, clock)

    assert [rates.take("ana") for _ in range(7)] == [True] * 5 + [False] * 2
    clock.now += 0.1
    assert [rates.take("ana") for _ in range(2)] == [True, False]


def test_one_origin_does_not_use_up_what_another_may_say() -> None:
    rates = Rates(1, 1, _Clock())

    assert rates.take("ana") and rates.take("ben")
    assert not rates.take("ana")


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1)), max_size=200))
def test_nobody_ever_gets_more_than_burst_and_rate(events: list[tuple[int, float]]) -> None:
    clock = _Clock()
    rates = Rates(10, 5, clock, size=1000)
    got: dict[int, int] = {}
    for who, wait in events:
        clock.now += wait
        got[who] = got.get(who, 0) + rates.take(who)

    assert all(count <= 5 + 10 * clock.now + 1e-6 for count in got.values())


def test_only_so_many_origins_are_remembered() -> None:
    rates = Rates(1, 1, _Clock(), size=100)
    for number in range(1000):
        rates.take(number)

    assert len(rates._buckets) == 100


def test_whoever_uses_up_all_patience_is_shut_out_for_a_minute() -> None:
    clock = _Clock()
    patience = Patience(clock, points=3, forgiven=0.1, seconds=60)

    assert [patience.blame("eve") for _ in range(5)] == [False, False, False, True, False]
    assert patience.has_ended_with("eve") and not patience.has_ended_with("ana")
    clock.now += 59
    assert patience.has_ended_with("eve")
    clock.now += 1
    assert not patience.has_ended_with("eve")
    assert patience.ended == 1


def test_a_fault_now_and_then_is_forgiven() -> None:
    clock = _Clock()
    patience = Patience(clock, points=3, forgiven=0.1)
    for _ in range(100):
        clock.now += 10

        assert not patience.blame("ana")


def test_only_so_many_who_were_shut_out_are_remembered() -> None:
    patience = Patience(_Clock(), points=1, size=100)
    for number in range(1000):
        patience.blame(number, 2)

    assert len(patience._out) == 100
    assert patience.has_ended_with(999)


@given(st.lists(st.integers(0, 30)), st.integers(1, 10))
def test_the_set_holds_what_came_last_and_no_more(things: list[int], size: int) -> None:
    seen = Seen(size, 1, _Clock())
    for thing in things:
        new = thing not in seen
        assert seen.add(thing) is new

    assert len(seen) <= size
    assert not things or things[-1] in seen


def test_the_set_forgets_what_is_too_old_to_be_believed_anyway() -> None:
    clock = _Clock()
    seen = Seen(1000, 10, clock)
    for _ in range(500):
        clock.now += 1
        assert seen.add(clock.now)

    assert len(seen) == 10
    assert not seen.add(clock.now) and seen.add(clock.now - 10)
