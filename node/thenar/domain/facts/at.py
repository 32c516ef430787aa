"""Where facts stand."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain.ids import TxHash


@dataclass(frozen=True, slots=True, order=True)
class At:
    """Where on the chain a fact stands; orders facts."""

    block: int
    log_index: int
    block_hash: str
    tx_hash: TxHash
