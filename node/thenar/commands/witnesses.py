"""Commands about who has seen again what a capture shows: say so, and ask who did."""

from __future__ import annotations

from dataclasses import replace

from thenar.assembly import Node
from thenar.commands import arguments as arg
from thenar.commands.view import money
from thenar.domain.bounty.answers import ask_of
from thenar.domain.bounty.witnessing import WordStage
from thenar.domain.catalog import WordRecord
from thenar.domain.ids import AssetId, address, asset_id
from thenar.domain.scoring.report import Verdict, percent
from thenar.errors import Corrupt, NotFound, Refused, Unavailable
from thenar.services.bounty import accusing, witnessing
from thenar.services.bounty.desk import BountyDesk
from thenar.services.ports import Tell


async def witness_capture(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Compare a later scan of this account with a capture, and speak for it when it shows the place again."""
    desk, asset = _desk(node, arguments), arg.asset(arguments)
    capture, named = witnessing.paid_with(desk, asset), arg.optional_text(arguments, "scan")
    fit = witnessing.scans_for(desk, capture)
    if named is not None:
        wanted = asset_id(named)
        fit = [one for one in fit if one.shown is not None and one.shown.asset == wanted]
    if not fit:
        raise Refused(f"{named} cannot speak for it", next_step="leave --with away to have one chosen")
    tell({"label": "laying one on the other", "done": 0, "total": 0})
    found = await witnessing.compare(desk, capture, fit[0])
    told: dict[str, object] = {
        "capture": asset,
        "scan": found.word.scan,
        "verdict": found.judged.verdict.value,
        "overlap": percent(found.judged.shared),
        "weight": percent(found.weight),
    }
    if arg.flag(arguments, "dry"):
        return told
    if found.judged.verdict is not Verdict.AGAIN:
        raise Refused(
            f"beside it your scan is {found.judged.verdict.value}: that bears no witness",
            next_step="only a place recorded again, on one's own, does",
        )
    await witnessing.speak(desk, found.word)
    await node.catch_up()
    return {**told, **_trust(node, asset)}


async def list_witnesses(node: Node, arguments: arg.Arguments, _: Tell) -> dict[str, object]:
    """How far a capture is trusted, by whose words, and what was heard of it that is not counted yet."""
    desk, asset = _desk(node, arguments), arg.asset(arguments)
    capture = witnessing.paid_with(desk, asset)
    if arg.flag(arguments, "lodge"):
        for word, signature in await witnessing.words_heard(desk, asset):
            await witnessing.lodge(desk, word, signature)
        await node.catch_up()
    heard = await witnessing.words_heard(desk, asset)
    waiting = [{"witness": word.witness, "overlap": percent(word.overlap)} for word, _ in heard]
    return {"capture": asset, "bounty": ask_of(capture.id), **_trust(node, asset), "heard": waiting}


async def list_words(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """What witnesses said of a capture, whether that can be accused, and on request what this node computes."""
    desk, asset = _desk(node, arguments), arg.asset(arguments)
    witnessing.paid_with(desk, asset)
    said = [word for (capture, _), word in node.belief.catalog.words.items() if capture == asset]
    now = await desk.now()
    told: list[dict[str, object]] = []
    for word in said:
        row = _word(word, now)
        if arg.flag(arguments, "check"):
            tell({"label": f"laying the scan of {word.witness} on it", "done": len(told), "total": len(said)})
            row["computed"] = await _computed(desk, word)
        told.append(row)
    return {"capture": asset, "trust": percent(node.belief.catalog.trust.of(asset)), "words": told}


async def accuse_word(node: Node, arguments: arg.Arguments, tell: Tell) -> dict[str, object]:
    """Compute what a word shows, and bring it before the court when it is false."""
    desk, asset = _desk(node, arguments), arg.asset(arguments)
    word = desk.word(asset, address(arg.text(arguments, "witness")))
    tell({"label": "laying one on the other", "done": 0, "total": 0})
    found = await accusing.overlap(desk, word)
    told: dict[str, object] = {
        "capture": asset,
        "witness": word.witness,
        "said": percent(word.overlap),
        "computed": percent(found),
        "bond": money(node, desk.accusation_bond),
    }
    if arg.flag(arguments, "dry"):
        return told
    await accusing.accuse(desk, word, found)
    await node.catch_up()
    return {**told, "stage": word.stage.name.lower(), "dispute": word.dispute}


def _word(word: WordRecord, now: int) -> dict[str, object]:
    open_until = word.until if word.stage is WordStage.COUNTED and word.until > now else None
    return {
        "witness": word.witness,
        "scan": word.scan,
        "said": percent(word.overlap),
        "stage": word.stage.name.lower(),
        "accused_until": open_until,
        "dispute": word.dispute,
    }


async def _computed(desk: BountyDesk, word: WordRecord) -> str | None:
    try:
        return percent(await accusing.overlap(desk, word))
    except (Unavailable, Corrupt, NotFound):
        return None  # without both sketches nobody can say


def _trust(node: Node, asset: AssetId) -> dict[str, object]:
    trust = node.belief.catalog.trust
    words = [{"witness": who, "weight": percent(weight)} for who, weight in trust.weights.get(asset, {}).items()]
    return {"trust": percent(trust.of(asset)), "witnesses": words}


def _desk(node: Node, arguments: arg.Arguments) -> BountyDesk:
    return replace(node.bounty_desk, trade=node.trade_for(arg.request_id(arguments)))
