"""Token buckets and the set that forgets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thenar.adapters.p2p.limits import Rates, Seen


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


@given(st.lists(st.integers(0, 30)), st.integers(1, 10))
def test_the_set_holds_what_came_last_and_no_more(things: list[int], size: int) -> None:
    seen = Seen(size)
    for thing in things:
        new = thing not in seen
        assert seen.add(thing) is new

    assert len(seen) <= size
    assert not things or things[-1] in seen
