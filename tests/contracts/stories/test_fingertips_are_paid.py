"""From a fingertip to a policy and back: every capture of every batch is paid, and none was ever materialised."""

from batches import commit
from eth_abi import encode
from fingertips import call_data, run
from payouts import publish, to_owner

CLAIM = "(uint32,uint8,bytes32,uint96,bytes32[],uint96[])"
COMMITMENT = "(address,uint8,uint64,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32)"


def test_every_fingertip_is_paid_to_the_last_unit(system, people):
    _, alice, bob, carol, dave, erin, frank, grace, judge, mallory = people

    report = run(system, [alice, bob, carol, dave], [erin, frank, grace], judge, [mallory, erin, frank], size=23)

    assert report.captures == report.claims == 92
    assert report.to_fingertips + report.to_trainer + report.dust == report.income
    assert report.gas_claiming // report.claims < 120_000


def test_the_quick_encoder_writes_what_the_abi_says(system, alice):
    batch = commit(system.asset_registry, alice, 3)
    asset = batch.id
    tree = publish(system.revenue_graph, asset, [to_owner(member.id, 1) for member in batch.members], alice)
    leaves = [tree.prove(at) for at in range(3)]
    members = [batch.leaf(at) for at in range(3)]
    claims = [
        (leaf.index, int(leaf.kind), leaf.beneficiary, leaf.weight, list(leaf.siblings), list(leaf.sums))
        for leaf in leaves
    ]
    kinds = ("bytes32", "uint32", "bytes32", f"{CLAIM}[]", f"({COMMITMENT},uint32,{COMMITMENT},bytes32[])[]")

    assert call_data(asset, 1, b"\x07" * 32, leaves, members) == encode(
        kinds, (asset, 1, b"\x07" * 32, claims, members)
    )
