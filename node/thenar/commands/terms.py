"""Commands about terms: write, list, join, and which of them an asset names."""

from __future__ import annotations

from pathlib import Path

import trio

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import as_of, money, receipt_view
from thenar.domain.assets import Purpose, Terms
from thenar.domain.ids import RAW, Cid, TermsId
from thenar.domain.money import parse_amount, parse_share, show_share
from thenar.domain.terms import EVERYWHERE, NO_TEXT, territory_of
from thenar.errors import BadInput
from thenar.services import consent
from thenar.services.licensing import write_terms
from thenar.services.ports import Tell, one_part

TEXT_LIMIT = 256 * 1024
"""Bytes a text may have: one raw block, whose digest the terms hold."""
DAY = 86_400


def terms_of(node: Node, arguments: arg.Arguments, text: bytes = NO_TEXT) -> Terms:
    """The terms that arguments spell out."""
    territory = arg.optional_text(arguments, "territory")
    return Terms(
        purposes=arg.purposes(arguments),
        derivative_share=parse_share(arg.text(arguments, "share", "5%")),
        price_floor=parse_amount(arg.text(arguments, "floor", "0"), node.decimals),
        notice=arg.number(arguments, "notice_days", 30, high=3650) * DAY,
        max_duration=arg.number(arguments, "max_days", 0, high=36_500) * DAY,
        exclusive=arg.flag(arguments, "exclusive"),
        territory=EVERYWHERE if territory is None else territory_of(territory),
        text_digest=text,
    )


async def terms_named(node: Node, arguments: arg.Arguments) -> TermsId:
    """The terms an asset is published under: those of ``terms``, else the ones spelled out, written when new."""
    named = arg.number(arguments, "terms", 0, high=2**32 - 1)
    if named:
        consent.written(node.belief.catalog, TermsId(named))
        return TermsId(named)
    return await write_terms(node.trade_for(arg.request_id(arguments)), terms_of(node, arguments))


async def write(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Write terms, or find the ones with the same content; a text for people is stored and named by its digest."""
    digest = NO_TEXT
    if arguments.get("text") is not None:
        data = await trio.to_thread.run_sync(_read, arg.existing_file(arguments, "text"))
        digest = (await node.store.add(one_part(data))).root.digest
    number = await write_terms(node.trade_for(arg.request_id(arguments)), terms_of(node, arguments, digest))
    return terms_view(node, number)


async def list_terms(node: Node, _: arg.Arguments, __: Tell) -> dict[str, object]:
    """Every terms anybody has written."""
    return {**as_of(node), "terms": [terms_view(node, one) for one in sorted(node.belief.catalog.terms)]}


async def join(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """The terms that hold for what is made under both."""
    a, b = (TermsId(arg.number(arguments, name, 0, low=1, high=2**32 - 1)) for name in ("a", "b"))
    return terms_view(node, await consent.join_terms(node.trade_for(arg.request_id(arguments)), a, b))


async def set_terms(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """Name other terms for future licenses of an owned asset; running licenses and standing offers keep theirs."""
    asset, terms = arg.asset(arguments), TermsId(arg.number(arguments, "terms", 0, low=1, high=2**32 - 1))
    done = await consent.set_terms(node.trade_for(arg.request_id(arguments)), asset, terms)
    return {"asset": asset, "terms": terms, **receipt_view(done)}


def terms_view(node: Node, number: TermsId) -> dict[str, object]:
    """Written terms as people read them."""
    terms = node.belief.catalog.terms[number]
    return {
        "terms": number,
        "purposes": ",".join(str(one.name).lower() for one in Purpose if one in terms.purposes),
        "share": show_share(terms.derivative_share),
        "floor": money(node, terms.price_floor),
        "notice_days": terms.notice // DAY,
        "max_days": terms.max_duration // DAY,
        "exclusive": terms.exclusive,
        "territory": "" if terms.territory == EVERYWHERE else "0x" + terms.territory.hex(),
        "text": "" if terms.text_digest == NO_TEXT else str(Cid.of(RAW, terms.text_digest)),
    }


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    if not 0 < len(data) <= TEXT_LIMIT:
        raise BadInput(f"{path} has {len(data)} bytes; a text has 1 to {TEXT_LIMIT}")
    return data
