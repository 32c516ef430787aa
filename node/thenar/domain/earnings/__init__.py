"""Where every unit an account earned came from: the fact, the formula with its numbers, and how a peer recomputes it.

Everything is worked out from public facts. Amounts are settlement-token units, or ThenarToken units where it says so.
"""

from thenar.domain.earnings.entries import DOLLARS, THN, UNEXPLAINED, Earning, Entry, Returned
from thenar.domain.earnings.statement import RULES, earnings, statement

__all__ = ["DOLLARS", "RULES", "THN", "UNEXPLAINED", "Earning", "Entry", "Returned", "earnings", "statement"]
