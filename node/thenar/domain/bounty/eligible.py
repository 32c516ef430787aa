"""Who may speak for which capture, as the WitnessBook will judge it; read from the catalog."""

from __future__ import annotations

from thenar.domain.bounty.answers import NOBODY, AnswerStage, Shown, ask_of
from thenar.domain.bounty.asks import Ask
from thenar.domain.bounty.visibility import is_public
from thenar.domain.bounty.witnessing import WITNESS, weight_of
from thenar.domain.catalog import AnswerRecord, Catalog
from thenar.domain.ids import Address
from thenar.domain.place import coarser


def objection(catalog: Catalog, capture: AnswerRecord, scan: AnswerRecord) -> str | None:
    """Why whoever answered with the scan cannot speak for the capture; None when he can."""
    if capture.shown is None or scan.shown is None:
        return "both must have been shown in answers"
    if not (capture.stage is scan.stage is AnswerStage.SETTLED):
        return "both answers must have been paid"
    if scan.committed_at <= capture.committed_at:
        return "the scan is not the later of the two"
    asked, again = catalog.asks[ask_of(capture.id)], catalog.asks[ask_of(scan.id)]
    if not _same_place(asked.ask, capture.shown, again.ask, scan.shown):
        return "they were not answered with as the same place"
    if not is_public(asked.ask):
        return "what is seen by a jury alone has no witnesses"
    owner = catalog.assets[capture.shown.asset].owner
    involved = (capture.contributor, asked.sponsor, owner)
    if again.sponsor == capture.contributor or _belongs(catalog, scan.contributor, involved):
        return "the witness, or who asked for the scan, has to do with the capture"
    if _shares_device(catalog, capture, scan):
        return "the witness has to do with the capture's device, or it with the scan's"
    if scan.contributor in catalog.trust.weights.get(capture.shown.asset, {}):
        return "the witness has spoken for it before"
    return None if worth(catalog, capture, scan.contributor) else "the witness's word counts nothing"


def worth(catalog: Catalog, capture: AnswerRecord, witness: Address) -> int:
    """What a witness's word for a capture would count now, in basis points."""
    node = catalog.nodes.get(witness)
    if node is None or not node.roles & WITNESS or capture.shown is None:
        return 0
    earlier = catalog.trust.between(witness, capture.contributor)
    return catalog.trust.worth(capture.shown.asset, weight_of(node.stake, catalog.minimum_stake, earlier))


def _same_place(asked: Ask, capture: Shown, again: Ask, scan: Shown) -> bool:
    alike = (asked.modality, asked.place_class, asked.rules) == (again.modality, again.place_class, again.rules)
    if not (alike and asked.place_class) or abs(capture.level - scan.level) > 1:
        return False
    grain = min(asked.grain, again.grain)
    return coarser(capture.cell, grain) == coarser(scan.cell, grain)


def _belongs(catalog: Catalog, witness: Address, people: tuple[Address, ...]) -> bool:
    group = catalog.groups.get(witness, witness)
    return any(catalog.groups.get(one, one) == group for one in people)


def _shares_device(catalog: Catalog, capture: AnswerRecord, scan: AnswerRecord) -> bool:
    device, his = (one.shown.device if one.shown else NOBODY for one in (capture, scan))
    if device != NOBODY and device == his:
        return True
    owners = [record.owner if (record := catalog.devices.get(one)) else None for one in (device, his)]
    return owners[0] == scan.contributor or owners[1] == capture.contributor
