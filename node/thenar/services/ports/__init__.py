"""What the stories need from the world, as small verbs.

Adapters implement these; fakes implement them too and pass the same tests. Every method may raise
``Unavailable`` (try later) and ``Corrupt`` (a hash disagrees) besides what its docstring names.
"""

from __future__ import annotations

from thenar.services.ports.chain import Batch, Chain, Head, KnownBlock, Outbox, Receipt, Rewind, SendLog, Wallet
from thenar.services.ports.content import Blocks, Exchange, Progress, Store, Stored, Tell, Usage, one_part
from thenar.services.ports.journal import Journal
from thenar.services.ports.peers import Heard, Peers
from thenar.services.ports.sealing import Description, Draft, Keyring, KeyWrapper, Sealed, Sealer, Wrapped

__all__ = [
    "Batch",
    "Blocks",
    "Chain",
    "Description",
    "Draft",
    "Exchange",
    "Head",
    "Heard",
    "Journal",
    "KeyWrapper",
    "Keyring",
    "KnownBlock",
    "Outbox",
    "Peers",
    "Progress",
    "Receipt",
    "Rewind",
    "Sealed",
    "Sealer",
    "SendLog",
    "Store",
    "Stored",
    "Tell",
    "Usage",
    "Wallet",
    "Wrapped",
    "one_part",
]
