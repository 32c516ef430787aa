import pytest
from marks import prepare


@pytest.fixture(scope="module")
def marked(system, alice, bob, carol):
    """A copy alice sold to bob; nothing is agreed yet."""
    return prepare(system, alice, bob, carol)


@pytest.fixture(scope="module")
def unsold(system, alice, dave, carol):
    """A copy that its buyer has not bought."""
    return prepare(system, alice, dave, carol, sold=False)
