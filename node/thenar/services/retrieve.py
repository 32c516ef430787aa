"""A bought license becomes bytes on disk: fetched, decrypted, checked against every root."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.domain.card import Card
from thenar.domain.ids import AssetId, Cid
from thenar.domain.manifest import Manifest
from thenar.errors import NotFound, Unavailable
from thenar.services.belief import Belief
from thenar.services.keep import keep_asset
from thenar.services.ports import Journal, Peers, Progress, Sealed, Sealer, Store, Stored
from thenar.services.records import bought_key, own_content


def sealed_of(description: Manifest | Card) -> Sealed:
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
    content = await own_content(journal, asset)
    key = sealer.root_key(content) if content is not None else await bought_key(journal, asset)
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


async def open_bought(
    asset: AssetId,
    folder: Path,
    *,
    sealer: Sealer,
    store: Store,
    journal: Journal,
    peers: Peers,
    belief: Belief,
    limit: int,
) -> None:
    """Duty after a delivery: open what was bought as soon as its key was checked. Raises Unavailable before."""
    if await bought_key(journal, asset) is None:
        raise Unavailable(f"the key of {asset} has not been checked yet")
    await trio.Path(folder).mkdir(parents=True, exist_ok=True)
    await open_asset(
        asset, folder, sealer=sealer, store=store, journal=journal, peers=peers, belief=belief, limit=limit
    )
