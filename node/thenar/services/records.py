"""What a node remembers about assets beside the chain: where content lies, which keys it may use, who holds copies."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain import canonical
from thenar.domain.ids import AssetId, Cid, PeerId
from thenar.errors import Corrupt
from thenar.services.ports import Journal

LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """A peer that says it holds an asset, and where it can be reached."""

    peer: PeerId
    addresses: tuple[str, ...]


async def remember_own(journal: Journal, asset: AssetId, content_hash: bytes, manifest: Cid, sealed: Cid) -> None:
    """Remember an asset this node sealed, so that its key can be derived again."""
    body = {"content": content_hash.hex(), "manifest": str(manifest), "sealed": str(sealed)}
    await journal.put(f"own/{asset}", canonical.encode(body))


async def own_content(journal: Journal, asset: AssetId) -> bytes | None:
    """The content hash of an asset sealed here, or None."""
    body = await _get(journal, f"own/{asset}")
    return bytes.fromhex(_text(body, "content")) if body else None


async def remember_held(journal: Journal, asset: AssetId, manifest: Cid, sealed: Cid) -> None:
    """Remember that an asset's blocks are pinned here."""
    await journal.put(f"held/{asset}", canonical.encode({"manifest": str(manifest), "sealed": str(sealed)}))


async def held(journal: Journal, asset: AssetId) -> tuple[Cid, Cid] | None:
    """Manifest and sealed CIDs of an asset whose blocks are pinned here, or None."""
    body = await _get(journal, f"held/{asset}") or await _get(journal, f"own/{asset}")
    return (Cid.parse(_text(body, "manifest")), Cid.parse(_text(body, "sealed"))) if body else None


async def held_assets(journal: Journal) -> tuple[AssetId, ...]:
    """Every asset whose blocks are pinned here, in order of id."""
    names = [*await journal.names("held/"), *await journal.names("own/")]
    return tuple(sorted({AssetId(name.split("/", 1)[1]) for name in names}))


async def remember_source(journal: Journal, asset: AssetId, source: Source) -> None:
    """Remember who announced an asset."""
    await journal.put(f"source/{asset}/{source.peer}", canonical.encode({"addresses": list(source.addresses)}))


async def sources(journal: Journal, asset: AssetId) -> tuple[Source, ...]:
    """Who announced an asset, as far as this node heard."""
    found = []
    for name in await journal.names(f"source/{asset}/"):
        body = await _get(journal, name) or {}
        addresses = body.get("addresses")
        listed = tuple(a for a in addresses if isinstance(a, str)) if isinstance(addresses, list) else ()
        found.append(Source(PeerId(name.rsplit("/", 1)[1]), listed))
    return tuple(found)


async def remember_key(journal: Journal, asset: AssetId, root_key: bytes) -> None:
    """Keep a root key that was bought and checked against the asset's commitment."""
    await journal.put(f"key/{asset}", root_key)


async def bought_key(journal: Journal, asset: AssetId) -> bytes | None:
    """The root key this node bought, or None."""
    return await journal.get(f"key/{asset}")


async def _get(journal: Journal, name: str) -> dict[str, object] | None:
    data = await journal.get(name)
    if data is None:
        return None
    body = canonical.decode(data, limit=LIMIT)
    if not isinstance(body, dict):
        raise Corrupt(f"the journal's {name} is not an object", next_step="restore the journal from a backup")
    return dict(body)


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Corrupt(f"the journal lacks {name}", next_step="restore the journal from a backup")
    return value
