"""A court with sixteen jurors, who fill every place of the draw, and one dispute about 300 checkpoints."""

import pytest
from courts import Dispute, open_court, two_traces
from system import fund

FEES = 1_000


@pytest.fixture(scope="module")
def room(deployer, alice):
    """A court whose client pays 1,000 for every judged case."""
    room = open_court(deployer, jurors=16)
    fund(room.token, alice, 10**9, room.ledger)
    room.docket.pay(10**6, FEES, {"from": alice})
    return room


@pytest.fixture(scope="module")
def court(room):
    return room.court


@pytest.fixture
def ask(room, bob, carol, dave):
    """Open a case between Bob, who claimed, and Carol; Dave had asked for the work."""

    def ask_(count=300, differs=(40, 41, 299), seed=0, **changed):
        claim, other = two_traces(count, differs, seed)
        return room.open(Dispute(room.court, claim, other, bob, carol, dave, **changed))

    return ask_


@pytest.fixture
def dispute(ask):
    return ask()


@pytest.fixture
def narrowed(dispute, frank):
    """The dispute, narrowed to one segment whose state is posted."""
    dispute.narrow(frank)
    return dispute


@pytest.fixture
def drawn(narrowed, frank):
    """The dispute before its first panel."""
    narrowed.draw(frank)
    return narrowed


@pytest.fixture
def ruled(narrowed, frank):
    """The dispute after all seven of its first panel ruled for the claim."""
    narrowed.judge(frank, [1] * 7)
    return narrowed
