"""An empty book."""

from __future__ import annotations

import pytest
from system import contract


@pytest.fixture(scope="module")
def book(deployer):
    return contract("TermsBook").deploy({"from": deployer})
