"""What a node remembers about assets beside the chain: where content lies, which keys it may use, who holds copies."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.domain import canonical
from thenar.domain.ids import Address, AssetId, Cid, PeerId
from thenar.domain.segments import Outline
from thenar.errors import Corrupt, Refused
from thenar.services.ports import Journal, Sealer

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
    """Every asset whose blocks are pinned here, in order of id; a batch stands for its members."""
    members = {name.split("/", 1)[1] for name in await journal.names("member/")}
    return tuple(sorted(await all_held(journal) - members))


async def all_held(journal: Journal) -> set[AssetId]:
    """Every asset whose blocks are pinned here, members of batches too."""
    names = [*await journal.names("held/"), *await journal.names("own/")]
    return {AssetId(name.split("/", 1)[1]) for name in names}


async def remember_source(journal: Journal, asset: AssetId, source: Source) -> None:
    """Remember who announced an asset."""
    await journal.put(f"source/{asset}/{source.peer}", canonical.encode({"addresses": list(source.addresses)}))


async def source_of(journal: Journal, asset: AssetId, peer: PeerId) -> Source | None:
    """Where a peer that announced an asset said that it is, or None when it did not."""
    body = await _get(journal, f"source/{asset}/{peer}")
    if body is None:
        return None
    addresses = body.get("addresses")
    return Source(peer, tuple(a for a in addresses if isinstance(a, str)) if isinstance(addresses, list) else ())


async def sources(journal: Journal, asset: AssetId) -> tuple[Source, ...]:
    """Who announced an asset, as far as this node heard."""
    peers = [PeerId(name.rsplit("/", 1)[1]) for name in await journal.names(f"source/{asset}/")]
    found = [await source_of(journal, asset, peer) for peer in peers]
    return tuple(source for source in found if source is not None)


async def remember_key(journal: Journal, asset: AssetId, root_key: bytes) -> None:
    """Keep a root key that was bought and checked against the asset's commitment."""
    await journal.put(f"key/{asset}", root_key)


async def bought_key(journal: Journal, asset: AssetId) -> bytes | None:
    """The root key this node bought, or None."""
    return await journal.get(f"key/{asset}")


async def remember_part_key(journal: Journal, asset: AssetId, part: int, key: bytes) -> None:
    """Keep the key of a part as it was delivered; only opening tells whether it is right."""
    await journal.put(f"part-key/{asset}/{part}", key)


async def part_key(journal: Journal, asset: AssetId, part: int) -> bytes | None:
    """The key of a part this node bought, or None."""
    return await journal.get(f"part-key/{asset}/{part}")


async def key_held(journal: Journal, sealer: Sealer, asset: AssetId) -> bytes | None:
    """The root key of an asset sealed here or bought, or None."""
    content = await own_content(journal, asset)
    return sealer.root_key(content) if content is not None else await bought_key(journal, asset)


async def keys_held(journal: Journal, sealer: Sealer, asset: AssetId) -> tuple[bytes, ...]:
    """Every root key this node has for an asset: the one it sealed with, the one it bought."""
    content = await own_content(journal, asset)
    bought = await bought_key(journal, asset)
    sealed = [] if content is None else [sealer.root_key(content)]
    return (*sealed, *([bought] if bought else []))


async def rows_of(journal: Journal, asset: AssetId) -> list[str]:
    """The names under which this node remembers an asset's places, keys, proofs and holders."""
    names = [f"{kind}/{asset}" for kind in ("own", "held", "key", "outline")]
    for prefix in (f"part-key/{asset}/", f"source/{asset}/"):
        names += await journal.names(prefix)
    return names


async def contents(journal: Journal) -> dict[AssetId, bytes]:
    """The content hash of every asset sealed here."""
    found = {}
    for name in await journal.names("own/"):
        content = await own_content(journal, AssetId(name.split("/", 1)[1]))
        if content is not None:
            found[AssetId(name.split("/", 1)[1])] = content
    return found


async def remember_outline(journal: Journal, asset: AssetId, outline: Outline) -> None:
    """Keep what proves runs of an asset's sealed leaves."""
    await journal.put(f"outline/{asset}", outline.encode())


async def outline_of(journal: Journal, asset: AssetId) -> Outline | None:
    """What proves runs of an asset's sealed leaves, or None."""
    data = await journal.get(f"outline/{asset}")
    return None if data is None else Outline.decode(data)


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


@dataclass(frozen=True, slots=True)
class BoundCopy:
    """A marked copy made here: of which original, for whom, with which distance between two bits."""

    original: AssetId
    buyer: Address
    step: int


async def bind_copy(journal: Journal, copy: AssetId, original: AssetId, buyer: Address, step: int) -> None:
    """Remember whom a marked copy is for, before anybody can buy it."""
    body = {"original": str(original), "buyer": str(buyer), "step": str(step)}
    await journal.put(f"marked/{copy}", canonical.encode(body))


async def bound_to(journal: Journal, copy: AssetId) -> BoundCopy | None:
    """Whom a marked copy made here is for, or None."""
    body = await _get(journal, f"marked/{copy}")
    if body is None:
        return None
    original, buyer = AssetId(_text(body, "original")), Address(_text(body, "buyer"))
    return BoundCopy(original, buyer, int(_text(body, "step")))


async def bound_copies(journal: Journal) -> dict[AssetId, BoundCopy]:
    """Every marked copy made here."""
    found = {}
    for name in await journal.names("marked/"):
        copy = AssetId(name.split("/", 1)[1])
        bound = await bound_to(journal, copy)
        if bound is not None:
            found[copy] = bound
    return found


async def refuse_strangers(journal: Journal, asset: AssetId, buyer: Address) -> None:
    """A marked copy is for one buyer alone: another holder would leave it unclear who leaked it. Raises Refused."""
    copy = await bound_to(journal, asset)
    if copy is not None and copy.buyer != buyer:
        raise Refused(f"{asset} is the marked copy of {copy.buyer}", next_step="offer the original to others")
