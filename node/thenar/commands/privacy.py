"""Commands about what stays private: opening a commitment to a place."""

from __future__ import annotations

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.captures import known_asset
from thenar.domain.manifest import Manifest
from thenar.domain.place import place_commit
from thenar.errors import NotFound
from thenar.services.keep import fetch_description
from thenar.services.ports import Tell
from thenar.services.records import own_content


async def check_place(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Compare an exact place with a capture's commitment: with the salt that is shown, else with this owner's own."""
    record = known_asset(node, arg.asset(arguments))
    description = await fetch_description(
        record.commitment, store=node.store, holders=await node.holders(record.id), peers=node.peers
    )
    place = description.place if isinstance(description, Manifest) else None
    if place is None or place.commit is None:
        raise NotFound(f"{record.id} commits to no place", next_step="state place.exact when adding a capture")
    named, content = arg.optional_text(arguments, "salt"), await own_content(node.journal, record.id)
    if named is None and content is None:
        raise NotFound("this node did not seal that capture", next_step="ask its owner for the salt: --salt 0x…")
    salt = arg.hex32(named, "salt") if named is not None else node.keyring.place_salt(content or b"")
    level = arg.number(arguments, "level", 0, low=-50, high=300) if arguments.get("level") is not None else None
    matches = place_commit(arg.cell(arguments, "exact"), level, salt) == place.commit
    shown = {"asset": record.id, "class": place.kind, "disclosed": f"{place.disclosed:x}", "matches": matches}
    return shown | ({"salt": "0x" + salt.hex()} if matches else {})
