"""Attacks on whoever gave the data: sold below the floor, left out, squatted on, held up. Each names its precedent."""

from dataclasses import replace
from itertools import pairwise

import pytest
from assets import DATASET, MODEL, commitment, mint, sign, write_terms
from brownie import chain
from devices import Claim, device_domain, device_key
from nodes import KEY, STORE
from omissions import as_filing, buy_key, evidence, license_set, places, state
from payouts import REF, as_asset, claim, publish, to_account
from previews import prepare
from reverts import reverts_with
from sales import ANY_SHARE, ENOUGH, deliver, dispute, dispute_leaf, open_sale, put_on_sale, seeded
from sealed_bytes import SealedBytes
from system import DOLLAR, fund

FLOOR = 5_000
PRICE = 1_000
SECRET = seeded("a buyer")
BOND = 10 * DOLLAR


@pytest.fixture(scope="module")
def learned(system, graph, alice, carol):
    """Carol's model, made under a license of Alice's capture that has a floor; everybody has linked and bound it."""
    capture = mint(system.asset_registry, alice, "with a floor")
    terms = write_terms(system.terms_book, alice, price_floor=FLOOR)
    system.license_desk.offer(capture, terms, 0, (FLOOR, 0, 2**40 - 1, 0), {"from": alice})
    fund(system.token, carol, 10**9, system.ledger)
    system.license_desk.buy(capture, terms, ENOUGH, ANY_SHARE, 0, {"from": carol})
    made = commitment(carol, "made of it", MODEL)
    mint(system.asset_registry, carol, "made of it", MODEL)
    graph.link(made.id, [(capture, 100_000)], {"from": carol})
    system.covenants.bindFloor(made.call, capture, carol, {"from": alice})
    return made


def test_a_descendant_is_not_sold_below_its_ancestors_floor(system, learned, carol):
    """Story protocol-core-v1 #206: a child could be licensed for nothing, and earn beside the protocol."""
    free = write_terms(system.terms_book, carol)
    system.license_desk.offer(learned.id, free, 0, (FLOOR - 1, 0, 2**40 - 1, 0), {"from": carol})

    with reverts_with("LicenseDesk_BelowFloor", FLOOR - 1, FLOOR):
        system.license_desk.buy(learned.id, free, ENOUGH, ANY_SHARE, 0, {"from": carol})


def test_children_made_of_dust_cost_a_parent_nothing(system, graph, model, carol, erin, mallory):
    """Story: who links makes the parent's vault longer to walk. Here a parent does not know its children."""
    graph.pay(model, 1_000, REF, {"from": erin})
    alone = graph.pay(model, 1_000, REF, {"from": erin}).gas_used

    for number in range(12):
        child = mint(system.asset_registry, mallory, f"dust {number}", MODEL)
        graph.link(child, [(model, 1)], {"from": mallory})

    assert graph.pay(model, 1_000, REF, {"from": erin}).gas_used == alone
    assert graph.takeOwn(model, {"from": carol}).return_value == 3_000


def test_ancestors_are_not_walked(system, graph, carol, erin):
    """Story's walk over 1,024 ancestors runs in a precompile, because no block could pay for it."""
    line = [mint(system.asset_registry, carol, f"generation {number}", MODEL) for number in range(25)]
    for parent, child in pairwise(line):
        graph.link(child, [(parent, 500_000)], {"from": carol})
    for asset in (line[1], line[-1]):
        graph.pay(asset, 1_000, REF, {"from": erin})

    young, old = (graph.roll(line[at], line[at - 1], {"from": carol}).gas_used for at in (-1, 1))

    assert abs(young - old) < 3_000  # a parent whose income begins pays its first slot


def test_a_transfer_does_not_count_what_hangs_on_an_asset(system, alice, bob):
    """Ocean: a transfer of the NFT loops over all its datatokens to wipe their roles."""
    first, bare, busy, _kept = (
        mint(system.asset_registry, alice, label) for label in ("first", "bare", "busy", "kept")
    )
    for number in range(8):
        terms = write_terms(system.terms_book, alice, price_floor=number)
        system.license_desk.offer(busy, terms, 0, (number, 0, 2**40 - 1, 0), {"from": alice})
        system.license_desk.grant(busy, chain_account(number), terms, 2**40 - 1, {"from": alice})

    _, alone, hung = (
        system.asset_registry.transferFrom(alice, bob, int.from_bytes(asset, "big"), {"from": alice}).gas_used
        for asset in (first, bare, busy)
    )

    assert abs(alone - hung) < 100


def chain_account(number):
    """An address of nobody's."""
    return "0x" + f"{number + 1:02x}" * 20


def test_left_out_of_a_payout_is_proved_in_one_transaction(system, graph, alice, carol, dave):
    """Nobody's precedent: elsewhere whoever trains names whom he likes. A license on chain convicts who forgets it."""
    ware = put_on_sale(system, alice, PRICE, "forgotten")
    buy_key(system, ware, alice, carol)
    model = mint(system.asset_registry, carol, "forgetful", MODEL)
    others = license_set([b"\x01" * 32, b"\xff" * 32])
    filed = state(system, model, carol, others, BOND)
    before = system.ledger.balanceOf(dave)

    beside = places(*others.beside(as_asset(ware.id)))
    system.omission_court.proveOmission(as_filing(filed), evidence(ware.id, carol), beside, {"from": dave})

    assert system.ledger.balanceOf(dave) - before == BOND // 2
    assert graph.takeOwn(ware.id, {"from": alice}).return_value == BOND - BOND // 2


def test_a_gift_poisons_no_payout(system, alice, carol, mallory):
    """Poisoned provenance: who can make another look guilty takes his bond. What nobody paid for convicts nobody."""
    trap = mint(system.asset_registry, mallory, "trap")
    terms = write_terms(system.terms_book, mallory)
    system.license_desk.grant(trap, carol, terms, 2**40 - 1, {"from": mallory})
    others = license_set([b"\x01" * 32, b"\xff" * 32])
    filed = state(system, mint(system.asset_registry, carol, "framed", MODEL), carol, others, BOND)

    beside = places(*others.beside(as_asset(trap)))
    with reverts_with("OmissionCourt_NoLicense", trap, carol, filed.statement.published_at):
        system.omission_court.proveOmission(as_filing(filed), evidence(trap, carol), beside, {"from": mallory})


def test_a_conviction_freezes_neither_parents_nor_other_payouts(system, graph, alice, carol, dave, erin):
    """Story: a dispute tags the whole subtree and stops its money for 30 days or more."""
    ware = put_on_sale(system, alice, PRICE, "left out")
    buy_key(system, ware, alice, carol)
    parent = mint(system.asset_registry, dave, "honest parent", DATASET)
    model = mint(system.asset_registry, carol, "guilty", MODEL)
    graph.link(model, [(parent, 300_000)], {"from": carol})
    others = license_set([b"\x01" * 32, b"\xff" * 32])
    filed = state(system, model, carol, others)
    graph.pay(model, 1_000, REF, {"from": erin})
    beside = places(*others.beside(as_asset(ware.id)))
    system.omission_court.proveOmission(as_filing(filed), evidence(ware.id, carol), beside, {"from": erin})

    tree = publish(graph, model, [to_account(alice, 1)], carol, payout=2, licenses=license_set([ware.id]))
    graph.pay(model, 1_000, REF, {"from": erin})

    assert claim(graph, tree, 0, alice).return_value == 700
    graph.roll(model, parent, {"from": erin})
    assert graph.takeOwn(parent, {"from": dave}).return_value == 600


def test_garbage_under_the_right_key_is_refunded(system, alice, bob):
    """FairSwap's family decides wrong keys and toy ciphers; OptiSwap needs 41 rounds. One real leaf decides here."""
    file = SealedBytes.of(bytes(900), b"\x05" * 32, {3: b"garbage"})
    ware = put_on_sale(system, alice, PRICE, file=file)
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, ware.root_key, alice)

    dispute_leaf(system, ware, deal, delivery, SECRET, file.opening(0, 0), bob)

    assert system.ledger.balanceOf(bob) == PRICE


def test_a_false_complaint_stalls_nothing(system, alice, bob):
    """OptiSwap's grieving: a buyer disputes to stall. He loses his bond, and the seller waits no longer."""
    ware = put_on_sale(system, alice, PRICE, "honest", bond_bps=10_000)
    before = system.ledger.balanceOf(alice)
    deal = open_sale(system, ware, bob, SECRET)
    delivery = deliver(system, deal, ware.root_key, alice)

    dispute(system, ware, deal, delivery, SECRET, bob)

    assert system.ledger.balanceOf(alice) - before == 2 * PRICE
    assert system.ledger.balanceOf(bob) == 0


def test_a_devices_signature_registers_it_for_nobody_else(system, alice, mallory):
    """Vana #77: anyone could register a grantee first with a key of his own. The signature names the owner."""
    device = device_key("seen in the mempool")
    claim = Claim(device.address, str(alice))
    signature = sign(device.key, claim.message(device_domain(chain.id, system.device_registry)))

    with reverts_with("DeviceRegistry_NotOwner", alice, mallory):
        system.device_registry.register(claim.call, signature, b"", {"from": mallory})
    with reverts_with("DeviceRegistry_BadSignature", device.address):
        system.device_registry.register(Claim(device.address, str(mallory)).call, signature, b"", {"from": mallory})


def test_a_peers_key_cannot_be_taken_from_it(system, alice, mallory):
    """Squatted names: who writes a peer's key down first keeps its owner out. Here that hinders nobody."""
    nodes = system.node_registry
    for operator in (mallory, alice):
        fund(system.token, operator, 10**9, system.ledger)
        nodes.register(KEY, STORE, nodes.minimumStake(), {"from": operator})

    assert nodes.nodeOf(alice)[0] == nodes.nodeOf(mallory)[0]


def test_no_contract_has_a_switch_a_door_for_calls_or_a_new_self(system):
    """Vana #77 paused exits, Splits H-02 called for others, proxies change code: no contract has the words."""
    forbidden = ("pause", "upgrade", "exec", "delegate", "multicall", "selfdestruct", "initialize")
    ours = [one for name, one in vars_of(system) if name not in {"token", "governance"}]

    for one in ours:
        words = {entry.get("name", "").lower() for entry in one.abi}
        assert not {word for word in words if any(part in word for part in forbidden)}, one
    assert len(ours) >= 13


def vars_of(system):
    """Every contract of a system by name."""
    return [(name, getattr(system, name)) for name in system.__slots__]


def test_the_seller_of_a_preview_cannot_choose_what_is_shown(system, alice, bob):
    """Samples elsewhere are picked by the seller. Here the block after the asking draws, and nobody knows it before."""
    shown = prepare(system, SealedBytes.of(bytes(900), b"\x09" * 32), alice, bob)
    preview = shown.ask(count=1)
    honest = shown.wrap(preview, shown.keys(preview))

    chosen = replace(honest, seed=bytes(32))
    with reverts_with("PreviewDesk_WrongSeed", honest.seed, chosen.seed):
        shown.open(preview, chosen)
