import pytest
from system import contract


@pytest.fixture(scope="module")
def doors(deployer):
    """The library's functions, callable on their own."""
    return contract("LibraryDoors").deploy({"from": deployer})
