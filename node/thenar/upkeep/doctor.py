"""``thenar doctor``: every check in turn, and the mending of what can be mended without losing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from thenar.adapters.journal import hold
from thenar.upkeep import in_journal, in_settings, machine, on_disk, outside
from thenar.upkeep.finding import Finding, Patient

Look = Callable[[Patient], Iterator[Finding]]

LOOKS: tuple[Look, ...] = (
    on_disk.check_keys,
    on_disk.check_rights,
    on_disk.check_leftovers,
    in_settings.check_settings,
    in_settings.check_deployment,
    in_journal.check_journal,
    in_journal.check_store,
    machine.check_machine,
    outside.check_chain,
    outside.check_ports,
    outside.check_peers,
    outside.check_kubo,
    outside.check_node,
)


def examine(patient: Patient) -> list[Finding]:
    """Everything found, faults and what is fine, in the order a person would mend it."""
    return [finding for look in LOOKS for finding in look(patient)]


def mend(patient: Patient, found: Iterable[Finding]) -> list[str]:
    """Mend what can be mended; the names of the checks. Raises Conflict while the directory's node runs."""
    mended = []
    with hold(patient.directory):
        for finding in found:
            if finding.mend is not None:
                finding.mend.do()
                mended.append(finding.check)
    return mended


def told(finding: Finding) -> dict[str, object]:
    """A finding as the command answers it."""
    return {
        "check": finding.check,
        "fine": finding.fine,
        "seen": finding.seen,
        "next_step": finding.next_step,
        "fix": finding.mend.says if finding.mend is not None else None,
    }
