"""Assets as people name them: by id, or a member of a batch as BATCH/INDEX."""

from __future__ import annotations

from dataclasses import dataclass

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.domain.assets import BatchLeaf, Commitment
from thenar.domain.catalog import AssetRecord
from thenar.domain.ids import AssetId, asset_id
from thenar.errors import BadInput
from thenar.services.members import Member, find_member, member_at


@dataclass(frozen=True, slots=True)
class Named:
    """An asset and the record that stands for it; ``leaf`` proves a member that has none of its own."""

    asset: AssetId
    record: AssetRecord
    leaf: BatchLeaf | None = None

    @property
    def commitment(self) -> Commitment:
        """What the asset's id commits to."""
        return self.leaf.leaf if self.leaf else self.record.commitment


async def named_asset(node: Node, arguments: arg.Arguments, name: str = "asset") -> Named:
    """The asset an argument names. Raises BadInput, NotFound, Unavailable while a batch's list cannot be had."""
    text = arg.text(arguments, name)
    batch, mark, index = text.partition("/")
    if mark:
        if not (index.isascii() and index.isdigit() and len(index) <= 10):
            raise BadInput(f"{text[:100]!r} names no member", next_step="write BATCH/INDEX, such as 0x…/17")
        return _of(await member_at(asset_id(batch), int(index), node.library))
    asset = asset_id(text)
    record = node.belief.catalog.assets.get(asset)
    return Named(asset, record) if record else _of(await find_member(asset, node.library))


def _of(member: Member) -> Named:
    return Named(member.asset, member.record, None if member.is_materialised else member.leaf)
