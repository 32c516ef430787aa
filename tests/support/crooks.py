"""A seller of a real node's who cheats as each asset is meant to be cheated with: a wrong key, no key, a bad leaf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from garbage import Garbler

from thenar.assembly import Node
from thenar.demo.mallory import LyingWrapper, require_local
from thenar.errors import Unavailable
from thenar.services.belief import Belief
from thenar.services.ports import KeyWrapper, Wrapped, WrappedKeys

WRONG, NONE = "a wrong key", "no key"


@dataclass
class Crook:
    """A node whose keys go wrong, by asset, and the same node where it seals other bytes than it promises."""

    node: Node
    garbler: Node
    moods: dict[str, str] = field(default_factory=dict)


class MoodyWrapper:
    """Wraps the key that was asked for, another, or none, as the asset of the deal has it."""

    def __init__(self, honest: KeyWrapper, belief: Belief, moods: Mapping[str, str]) -> None:
        self._honest, self._lying = honest, LyingWrapper(honest)
        self._belief, self._moods = belief, moods

    def _for(self, context: bytes) -> KeyWrapper | LyingWrapper:
        mood = self._moods.get(self._belief.catalog.sales[context].deal.asset)
        if mood == NONE:
            raise Unavailable("this seller keeps his keys to himself")
        return self._lying if mood == WRONG else self._honest

    def wrap(self, root_key: bytes, buyer: bytes, context: bytes) -> Wrapped:
        """As the asset has it."""
        return self._for(context).wrap(root_key, buyer, context)

    def wrap_each(self, keys: Sequence[bytes], buyer: bytes, contexts: Sequence[bytes]) -> WrappedKeys:
        """As the honest one."""
        return self._honest.wrap_each(keys, buyer, contexts)

    def one_time_key(self, seed: bytes) -> tuple[bytes, bytes]:
        """As the honest one."""
        return self._honest.one_time_key(seed)

    def unwrap(self, wrapped: Wrapped, secret: bytes, context: bytes) -> bytes:
        """As the honest one."""
        return self._honest.unwrap(wrapped, secret, context)

    def shared_point(self, point: bytes, secret: bytes) -> bytes:
        """As the honest one."""
        return self._honest.shared_point(point, secret)


def crook(honest: Node) -> Crook:
    """The same node with keys that go wrong where they are told to. Raises Refused anywhere but on a local chain."""
    require_local(honest)
    moods: dict[str, str] = {}
    wrapper = MoodyWrapper(honest.trade.wrapper, honest.belief, moods)
    node = replace(honest, trade=replace(honest.trade, wrapper=wrapper))
    return Crook(node, replace(node, sealer=Garbler(node.sealer)), moods)
