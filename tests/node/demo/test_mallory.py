"""A node that lies runs nowhere but on a local chain."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from thenar.demo.mallory import lying
from thenar.errors import Refused


@pytest.mark.parametrize("chain_id", [1, 8453, 31338])
def test_nobody_lies_where_it_costs_a_bond(chain_id):
    honest = SimpleNamespace(chain=SimpleNamespace(chain_id=chain_id))

    with pytest.raises(Refused, match="no local one"):
        lying(honest)
