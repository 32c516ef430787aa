"""A bought license becomes bytes on disk: fetched, decrypted, checked against every root."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.domain.card import Card
from thenar.domain.ids import AssetId, Cid
from thenar.domain.live import EpochRecord
from thenar.domain.manifest import Manifest
from thenar.errors import NotFound
from thenar.services.belief import Belief
from thenar.services.keep import keep_asset
from thenar.services.ports import Journal, Peers, Progress, Sealed, Sealer, Store, Stored
from thenar.services.records import key_held


def sealed_of(description: Manifest | Card | EpochRecord) -> Sealed:
    """What a description promises about its sealed file."""
    file, enc = description.files[0], description.enc
    return Sealed(
        stored=Stored(Cid.parse(file.cid), 0, 0),
        size=file.bytes,
        content_hash=bytes.fromhex(file.sha256),
        cipher_root=bytes.fromhex(enc.cipher_root.removeprefix("0x")),
        plain_root=bytes.fromhex(enc.plain_root.removeprefix("0x")),
        key_commit=bytes.fromhex(enc.key_commit.removeprefix("0x")),
        chunks=enc.chunks,
        leaves=Cid.parse(enc.leaves) if enc.leaves else None,
    )


async def open_asset(
    asset: AssetId,
    into: Path,
    *,
    sealer: Sealer,
    store: Store,
    journal: Journal,
    peers: Peers,
    belief: Belief,
    limit: int,
    progress: Progress | None = None,
) -> Path:
    """Fetch a licensed asset and write its plaintext to ``into`` (a folder or a file name).

    Raises NotFound without a key, Unavailable while its blocks or key are on their way, Corrupt when what comes is
    not what the asset committed to; then no file is left.
    """
    key = await key_held(journal, sealer, asset)
    if key is None:
        raise NotFound(f"this node has no key for {asset}", next_step=f"`thenar license buy {asset}`")
    kept = await keep_asset(
        asset, journal=journal, store=store, peers=peers, belief=belief, limit=limit, progress=progress
    )
    is_folder = await trio.Path(into).is_dir()
    target = into / kept.description.files[0].name if is_folder else into
    expected = sealed_of(kept.description)
    await sealer.open(key, store.read(kept.sealed), expected=expected, into=target, progress=progress)
    return target
