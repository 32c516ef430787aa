"""Every failure Thenar raises on purpose.

    ThenarError            carries a message, a next step and an exit code
    ├── Refused            they may not: report, do not retry
    │   ├── BadInput       a file, message, argument or setting is wrong          (exit 2)
    │   ├── NotFound       what was named does not exist                          (exit 3)
    │   ├── BadConfig      configuration or precondition is missing or wrong      (exit 4)
    │   ├── Reverted       the chain refused a transaction                        (exit 7)
    │   ├── Poor           not enough funds                                       (exit 8)
    │   ├── Locked         keystore locked or wrong password                      (exit 9)
    │   └── Conflict       would double-sign, or somebody else holds the lock     (exit 12)
    ├── Unavailable        try later: a dependency did not answer                 (exit 6)
    │   └── Late           a deadline passed                                      (exit 10)
    └── Corrupt            a hash disagrees: stop                                 (exit 11)

Anything else that escapes is a bug and must crash (exit 1). Unhealthy status is exit 5, interruption 130.
"""

from __future__ import annotations

from typing import ClassVar


class ThenarError(Exception):
    """A failure with a sentence for people and, where one exists, a next step."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class Refused(ThenarError):
    """They may not, or it can never work: report it and do not retry."""

    exit_code = 4


class BadInput(Refused):
    """A file, message, argument or setting is malformed, too big or mislabelled."""

    exit_code = 2


class NotFound(Refused):
    """What was named does not exist."""

    exit_code = 3


class BadConfig(Refused):
    """Configuration or a precondition is missing or wrong."""

    exit_code = 4


class Reverted(Refused):
    """The chain refused a transaction; ``name`` and ``values`` are the decoded custom error."""

    exit_code = 7

    def __init__(
        self,
        message: str,
        *,
        name: str = "",
        values: tuple[object, ...] = (),
        next_step: str | None = None,
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.name = name
        self.values = values


class Poor(Refused):
    """The account cannot pay for gas or price."""

    exit_code = 8


class Locked(Refused):
    """The keystore is locked or the password is wrong."""

    exit_code = 9


class Conflict(Refused):
    """It would sign a second, different statement, or another process holds the lock."""

    exit_code = 12


class Unavailable(ThenarError):
    """A dependency did not answer; the same call may work later."""

    exit_code = 6


class Late(Unavailable):
    """A deadline passed before the work was done."""

    exit_code = 10


class Corrupt(ThenarError):
    """A hash disagrees with what was promised; nothing of it is kept."""

    exit_code = 11


def leaves_of(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """Every exception in a nursery's group, however deep."""
    found: list[BaseException] = []
    for part in group.exceptions:
        found += leaves_of(part) if isinstance(part, BaseExceptionGroup) else [part]
    return found


def known_in(group: BaseExceptionGroup[BaseException]) -> ThenarError | None:
    """The first failure in a nursery's group, when it holds nothing but failures we raise on purpose."""
    leaves = leaves_of(group)
    known = [leaf for leaf in leaves if isinstance(leaf, ThenarError)]
    return known[0] if len(known) == len(leaves) else None
