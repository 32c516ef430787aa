"""Income, links, payouts and claims, honest and otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from graph_twin import WHOLE
from machine import CHAIN_ID
from moves_of_assets import BATCH, CAPTURE, Thing, thing, things
from world import PARAMETERS, World

from thenar.domain.ids import Address, AssetId
from thenar.domain.revenue import Beneficiary
from thenar.domain.statements import LicenseSet, Statement
from thenar.domain.sumtree import Scope, Share, SumTree

MOST_PAYOUTS, MOST_LEAVES = 4, 9
FROZEN, THAWED, RETURNED = 1, 2, 3


def pay(world: World) -> None:
    """Somebody pays an asset."""
    known, payer, amount = thing(world), world.person(), world.dice.choice((1, 2, 3, 7, 999, 10_000, 10**9))
    if known is None:
        return
    world.ask(payer, "RevenueGraph", "pay", known.id, amount, bytes(32))
    world.collected("RevenueGraph", payer, amount)
    world.graph.pay(known.id, amount)


def link(world: World) -> None:
    """A child names a parent: sometimes not his, not older, twice, or too much."""
    child, parent, sender = thing(world), thing(world), world.person()
    derived = [one for one in things(world) if one.kind not in (CAPTURE, BATCH) and one.serial > 1]
    if derived and world.dice.random() < 0.8:
        child = world.dice.choice(derived)
        parent = things(world)[world.dice.randrange(child.serial - 1)]
    if child is None or parent is None:
        return
    if world.dice.random() < 0.8:
        sender = child.owner
    share = world.dice.choice((0, 1, 333_333, world.dice.randint(1, WHOLE), WHOLE + 1))
    refusal = _link_refusal(world, child, parent, sender, share)
    world.ask(sender, "RevenueGraph", "link", child.id, [(parent.id, share)], refusal=refusal)
    if refusal is None:
        world.graph.link(child.id, {parent.id: share})


def _link_refusal(world: World, child: Thing, parent: Thing, sender: Address, share: int) -> str | None:
    if sender != child.owner:
        return "RevenueGraph_NotOwner"
    if child.kind in (CAPTURE, BATCH):
        return "RevenueGraph_CaptureHasNoParents"
    if parent.serial >= child.serial:
        return "RevenueGraph_NotOlder"
    if not 0 < share <= WHOLE:
        return "RevenueGraph_BadShare"
    if (child.id, parent.id) in world.graph.edges:
        return "RevenueGraph_AlreadyLinked"
    if world.graph.nodes[child.id].linked_share + share > WHOLE:
        return "RevenueGraph_ShareAboveWhole"
    return None


def roll(world: World) -> None:
    """Anybody moves a parent's share."""
    if world.graph.edges and world.dice.random() < 0.9:
        child, parent = world.dice.choice(list(world.graph.edges))
        due = world.graph.roll_due(child, parent)
        refusal = None if due else "RevenueGraph_NothingDue"
        answer = world.ask(world.person(), "RevenueGraph", "roll", child, parent, refusal=refusal)
        if due:
            world.same("what was rolled", answer.values, (world.graph.roll(child, parent),))
        return
    one, other = thing(world), thing(world)
    if one and other and world.dice.random() < 0.3 and (one.id, other.id) not in world.graph.edges:
        world.ask(world.person(), "RevenueGraph", "roll", one.id, other.id, refusal="RevenueGraph_NotLinked")


def _share(world: World, asset: Thing) -> Share:
    weight = world.dice.choice((1, 2, 3, 1_000, 10**9))
    older = [one for one in things(world) if one.serial < asset.serial]
    kind = world.dice.choice(list(Beneficiary) if older else [Beneficiary.ACCOUNT])
    if kind is Beneficiary.ACCOUNT:
        return Share(kind, bytes(12) + bytes.fromhex(world.person()[2:]), weight)
    return Share(kind, world.dice.choice(older).id, weight)


@dataclass
class Published:
    """A payout as it was published."""

    tree: SumTree
    statement: Statement
    licenses: LicenseSet
    outcome: int = 0
    omitted: bytes = b""
    frozen_until: int = 0

    def filing(self, asset: bytes, number: int) -> tuple[object, ...]:
        """The payout as the OmissionCourt takes it."""
        said = self.statement
        words = (said.publisher, said.published_at, said.bond, said.license_set_root, said.license_count)
        return (asset, number, self.tree.root, words)


def payouts(world: World) -> dict[tuple[bytes, int], Published]:
    """Every payout by asset and number."""
    found: dict[tuple[bytes, int], Published] = world.shelf.setdefault("payouts", {})
    return found


def _learned(world: World) -> Thing | None:
    """An asset of somebody who has paid for a license, so that there is something to leave out."""
    granted = world.shelf["time"].grants if "time" in world.shelf else {}
    paid = {who for (_, who), one in granted.items() if one.price}
    paid |= {who for (_, who), one in world.shelf.get("sales", {}).items() if one.until}
    found = [one for one in things(world) if one.owner in paid]
    return world.dice.choice(found) if found else None


def publish(world: World) -> None:
    """An owner shares the own part from here on, or a stranger tries to; a bond needs money in the account."""
    asset, sender = _learned(world) if world.dice.random() < 0.7 else thing(world), world.person()
    if asset is None or len(world.graph.nodes[asset.id].plans) >= MOST_PAYOUTS:
        return
    if world.dice.random() < 0.8:
        sender = asset.owner
    number, bond = len(world.graph.nodes[asset.id].plans) + 1, world.dice.choice((0, 5, 5_000))
    scope = Scope(CHAIN_ID, world.machine.contracts["RevenueGraph"], AssetId("0x" + asset.id.hex()), number)
    tree = SumTree.build(scope, [_share(world, asset) for _ in range(world.dice.randint(1, MOST_LEAVES))])
    refusal = None if sender == asset.owner else "RevenueGraph_NotOwner"
    if refusal is None and bond > world.account(sender):
        refusal = "Ledger_NotEnough"
    named = [one.id for one in things(world) if world.dice.random() < 0.4] if world.dice.random() < 0.6 else []
    licenses = LicenseSet.of([AssetId("0x" + one.hex()) for one in named])
    plan = (tree.root, tree.total_weight, tree.depth, bytes(32), licenses.root, len(licenses.assets), bond)
    world.ask(sender, "RevenueGraph", "publishPayout", asset.id, plan, refusal=refusal)
    if refusal is None:
        world.graph.publish(asset.id, [share.weight for share in tree.shares])
        world.ledger.lock("OmissionCourt", sender, bond)
        payouts(world)[asset.id, number] = Published(
            tree, Statement(sender, world.now, bond, licenses.root, len(licenses.assets)), licenses
        )


def return_bond(world: World) -> None:
    """Anybody returns a publisher's bond once nobody can challenge the payout any more, and only once."""
    if not payouts(world):
        return
    (asset, number), published = world.dice.choice(list(payouts(world).items()))
    stated = published.statement
    free = stated.published_at + PARAMETERS.challenge_window + 2 * PARAMETERS.answer_window
    refusal = None if world.now >= free else "OmissionCourt_TooEarly"
    if not stated.bond:
        refusal = "OmissionCourt_NoBond"
    if published.outcome:
        refusal = "OmissionCourt_Decided"
    world.ask(world.person(), "OmissionCourt", "returnBond", published.filing(asset, number), refusal=refusal)
    if refusal is None:
        published.outcome = RETURNED
        world.released("OmissionCourt", stated.publisher, stated.bond)


def claim(world: World) -> None:
    """Anybody claims a leaf for its beneficiary, now and then with a weight that is not his."""
    if not payouts(world):
        return
    (asset, number), published = world.dice.choice(list(payouts(world).items()))
    tree = published.tree
    index = world.dice.randrange(len(tree.shares))
    leaf = tree.prove(index)
    forged = world.dice.random() < 0.15
    weight = leaf.weight + (1 if forged else 0)
    due = world.graph.claim_due(asset, number, index)
    refusal = "RevenueGraph_BadProof" if forged else None if due else "RevenueGraph_NothingDue"
    call = (leaf.index, int(leaf.kind), leaf.beneficiary, weight, list(leaf.siblings), list(leaf.sums))
    if published.outcome == FROZEN:
        refusal = "RevenueGraph_Frozen"
    arguments = (asset, number, published.statement.hash, call)
    answer = world.ask(world.person(), "RevenueGraph", "claim", *arguments, refusal=refusal)
    if refusal is None:
        world.same("what was claimed", answer.values, (due,))
        _claimed(world, asset, number, index, tree.shares[index])


def _claimed(world: World, asset: bytes, number: int, index: int, share: Share) -> None:
    if share.kind is Beneficiary.NODE:
        world.graph.claim(asset, number, index, share.beneficiary)
        return
    amount = world.graph.claim(asset, number, index)
    if share.kind is Beneficiary.ACCOUNT:
        to = Address("0x" + share.beneficiary[12:].hex())
    else:
        to = next(one.owner for one in things(world) if one.id == share.beneficiary)
    world.released("RevenueGraph", to, amount)


def take_own(world: World) -> None:
    """Anybody has the owner paid what no payout covers."""
    known = thing(world)
    if known is None:
        return
    due = world.graph.own_due(known.id)
    refusal = None if due else "RevenueGraph_NothingDue"
    answer = world.ask(world.person(), "RevenueGraph", "takeOwn", known.id, refusal=refusal)
    if due:
        world.same("what was taken", answer.values, (world.graph.take_own(known.id),))
        world.released("RevenueGraph", known.owner, due)
