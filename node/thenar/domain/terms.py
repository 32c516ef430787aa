"""Terms as a lattice: the twin of TermsBook.meet.

Field by field the stricter value wins; ``None`` is the bottom, where two terms allow nothing together.
"""

from __future__ import annotations

import re
from typing import Final

from thenar.domain.assets import Purpose, Terms
from thenar.domain.keccak import keccak256
from thenar.errors import BadInput

EVERYWHERE = bytes(32)
NO_TEXT = bytes(32)


_COUNTRY: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def territory_of(listed: str) -> bytes:
    """keccak256 of a list of ISO 3166 codes (``DE,FR``, ``US-CA``): upper case, sorted, each once. Raises BadInput."""
    codes = sorted({code.strip().upper() for code in listed.split(",")})
    wrong = next((code for code in codes if not _COUNTRY.fullmatch(code)), None)
    if wrong is not None:
        raise BadInput(f"{wrong[:40]!r} is not an ISO 3166 code", next_step="write a list like DE,FR or US-CA")
    return keccak256(",".join(codes).encode())


def meet(a: Terms, b: Terms) -> Terms | None:
    """The largest terms that allow nothing either of two forbids; None when they share no purpose or territory."""
    territory = b.territory if a.territory == EVERYWHERE else a.territory
    purposes = a.purposes & b.purposes
    if not purposes or b.territory not in (EVERYWHERE, territory):
        return None
    return Terms(
        purposes=Purpose(purposes),
        derivative_share=max(a.derivative_share, b.derivative_share),
        price_floor=max(a.price_floor, b.price_floor),
        notice=min(a.notice, b.notice),
        max_duration=min(filter(None, (a.max_duration, b.max_duration)), default=0),
        exclusive=a.exclusive or b.exclusive,
        territory=territory,
        text_digest=a.text_digest if a.text_digest == b.text_digest else NO_TEXT,
    )


def within(a: Terms, b: Terms) -> bool:
    """Whether ``a`` allows nothing that ``b`` forbids: a ≤ b, which is a ∧ b = a."""
    return meet(a, b) == a
