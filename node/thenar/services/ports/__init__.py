"""What the stories need from the world, as small verbs.

Adapters implement these; fakes implement them too and pass the same tests. Every method may raise
``Unavailable`` (try later) and ``Corrupt`` (a hash disagrees) besides what its docstring names.
"""

from __future__ import annotations

from thenar.services.ports.chain import Batch, Chain, Head, KnownBlock, Outbox, Permit, Receipt, Rewind, SendLog, Wallet
from thenar.services.ports.compute import Capabilities, Capability, Executor, Plan, UnitProgress, UnitResult
from thenar.services.ports.content import Adds, Blocks, Exchange, Progress, Store, Stored, Tell, Usage, one_part
from thenar.services.ports.journal import Journal
from thenar.services.ports.peers import Heard, Peers, Seen
from thenar.services.ports.reflex import Engine, Line, Lines, OpenEngine, Shape
from thenar.services.ports.sealing import (
    AEAD_TAG,
    Description,
    DeviceKeys,
    Draft,
    Keyring,
    KeyWrapper,
    ParcelSealer,
    Sealed,
    Sealer,
    SignerOf,
    Wrapped,
    WrappedKeys,
)

__all__ = [
    "AEAD_TAG",
    "Adds",
    "Batch",
    "Blocks",
    "Capabilities",
    "Capability",
    "Chain",
    "Description",
    "DeviceKeys",
    "Draft",
    "Engine",
    "Exchange",
    "Executor",
    "Head",
    "Heard",
    "Journal",
    "KeyWrapper",
    "Keyring",
    "KnownBlock",
    "Line",
    "Lines",
    "OpenEngine",
    "Outbox",
    "ParcelSealer",
    "Peers",
    "Permit",
    "Plan",
    "Progress",
    "Receipt",
    "Rewind",
    "Sealed",
    "Sealer",
    "Seen",
    "SendLog",
    "Shape",
    "SignerOf",
    "Store",
    "Stored",
    "Tell",
    "UnitProgress",
    "UnitResult",
    "Usage",
    "Wallet",
    "Wrapped",
    "WrappedKeys",
    "one_part",
]
