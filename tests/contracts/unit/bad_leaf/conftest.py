import pytest
from system import contract


@pytest.fixture(scope="module")
def doors(deployer):
    """The libraries' functions, callable on their own."""
    return contract("CipherDoors").deploy({"from": deployer})
