"""What an accuser keeps of a wrong answer until he shows it: a signed window's leaf, what was asked and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from thenar.domain import canonical
from thenar.domain.ids import address, asset_id
from thenar.domain.reflex.accusations import Accused
from thenar.domain.reflex.answers import Answers, SignedAnswer
from thenar.domain.reflex.numbers import number_at
from thenar.errors import BadInput

MOST: Final = 2 * 1_048_576
"""Bytes of the longest piece of evidence as it is kept."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer under a signed window, the number of it that is wrong, and what the model gives there."""

    shown: SignedAnswer
    observation: bytes
    answer: bytes
    place: int
    charged: bytes

    @property
    def accused(self) -> Accused:
        """What is said to be wrong."""
        said, claimed = self.shown.answers, number_at(self.answer, self.place)
        hashes = (self.shown.observation, self.shown.answer)
        return Accused(said.node, said.model, *hashes, self.place, claimed, self.charged)

    def encode(self) -> bytes:
        """As a journal keeps it."""
        shown, said = self.shown, self.shown.answers
        return canonical.encode(
            {
                "node": said.node,
                "model": said.model,
                "numbers": [said.channel, said.window, said.count, shown.index, self.place],
                "hashes": [one.hex() for one in (said.runtime, said.root, shown.observation, shown.answer)],
                "path": [one.hex() for one in shown.path],
                "bytes": [one.hex() for one in (shown.signature, self.observation, self.answer, self.charged)],
            }
        )

    @staticmethod
    def decode(data: bytes) -> Evidence:
        """Read it back. Raises BadInput."""
        body = canonical.decode_object(data, limit=MOST)
        try:
            channel, window, count, index, place = (int(str(one)) for one in _list(body, "numbers"))
            runtime, root, observed, answered = _hexes(body, "hashes")
            signature, observation, answer, charged = _hexes(body, "bytes")
        except ValueError as cause:
            raise BadInput("this is no evidence of a wrong answer") from cause
        node, model = address(str(body.get("node"))), asset_id(str(body.get("model")))
        said = Answers(node, model, channel, window, count, runtime, root)
        shown = SignedAnswer(said, signature, index, observed, answered, tuple(_hexes(body, "path")))
        return Evidence(shown, observation, answer, place, charged)


def _list(body: dict[str, canonical.Value], name: str) -> list[canonical.Value]:
    found = body.get(name)
    if not isinstance(found, list):
        raise BadInput(f"this evidence has no {name}")
    return found


def _hexes(body: dict[str, canonical.Value], name: str) -> list[bytes]:
    return [bytes.fromhex(str(one)) for one in _list(body, name)]
