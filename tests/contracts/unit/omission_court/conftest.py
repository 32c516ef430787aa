"""A trainer who bought four licenses, her model, and payouts that state all of them or not."""

import pytest
from assets import CAPTURE, MODEL, commitment
from omissions import as_filing, buy_key, evidence, license_set, places, state
from sales import put_on_sale

BOND = 1_001
PRICE = 10


@pytest.fixture(scope="module")
def court(system):
    return system.omission_court


@pytest.fixture(scope="module")
def graph(system):
    return system.revenue_graph


@pytest.fixture(scope="module")
def ledger(system):
    return system.ledger


@pytest.fixture(scope="module")
def bought(system, alice, carol):
    """Four captures of Alice's that Carol bought the keys of, ids increasing."""
    wares = [put_on_sale(system, alice, PRICE, f"scan {number}", CAPTURE) for number in range(4)]
    for ware in wares:
        buy_key(system, ware, alice, carol)
    return sorted(ware.id for ware in wares)


@pytest.fixture(scope="module")
def made(carol):
    """What Carol's model commits to."""
    return commitment(carol, "model", MODEL)


@pytest.fixture(scope="module")
def model(system, bought, made, carol):
    """Carol's model, minted after she had bought."""
    system.asset_registry.mint(made.call, 0, 0, "0x" + "00" * 20, b"", {"from": carol})
    return made.id


@pytest.fixture
def guilty(system, bought, model, carol):
    """A payout with a bond that leaves out the third license."""
    return state(system, model, carol, license_set([bought[0], bought[1], bought[3]]), BOND)


@pytest.fixture
def honest(system, bought, model, carol):
    """A payout with a bond that names every license."""
    return state(system, model, carol, license_set(bought), BOND)


@pytest.fixture
def beside(bought):
    """The two places of the guilty payout's set around what it leaves out."""
    licenses = license_set([bought[0], bought[1], bought[3]])
    return places(licenses.prove(1), licenses.prove(2))


@pytest.fixture
def prove(court, bought, beside, carol, judge):
    """Let the judge prove that a filing omits Carol's third license."""

    def prove_(filed, omitted=None, licensee=carol, found=None, part=0):
        shown = evidence(bought[2] if omitted is None else omitted, licensee, part=part)
        return court.proveOmission(as_filing(filed), shown, beside if found is None else found, {"from": judge})

    return prove_


@pytest.fixture
def accuse(court, bought, carol, judge):
    """Let the judge say that a filing omits one of Carol's licenses."""

    def accuse_(filed, omitted=None, licensee=carol):
        return court.accuse(
            as_filing(filed), evidence(bought[2] if omitted is None else omitted, licensee), {"from": judge}
        )

    return accuse_


@pytest.fixture
def answer(court, bought, carol):
    """Let Carol show the place of her third license."""

    def answer_(filed, licenses=None, index=2):
        (place,) = places((licenses or license_set(bought)).prove(index))
        return court.answer(as_filing(filed), place, {"from": carol})

    return answer_
