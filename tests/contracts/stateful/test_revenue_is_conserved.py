"""Random payments, links, rolls, payouts and claims, each checked against a twin of the RevenueGraph in Python."""

import pytest
from assets import CAPTURE, DATASET, MODEL, mint
from brownie.test import strategy
from graph_twin import WHOLE, GraphTwin
from long_walk import CAMPAIGN, long_walk, seeds
from payouts import REF, as_call, filing, publish, to_account, to_node, to_owner
from reverts import reverts_with
from system import deploy_system, fund

KINDS = (CAPTURE, CAPTURE, DATASET, MODEL)  # oldest first
LIMITS = {
    "st_asset": 3,
    "st_other": 3,
    "st_amount": (1, 10_000),
    "st_share": (1, 600_000),
    "st_weights": lambda dice: [dice.randint(1, 255) for _ in range(3)],
    "st_cuts": (2, 4),
}
SETTINGS = {"max_examples": 4 * CAMPAIGN, "stateful_step_count": 30}


class RevenueMachine:
    """Four assets of four people, from capture to model, and one who pays."""

    st_asset = strategy("uint8", max_value=3)
    st_other = strategy("uint8", max_value=3)
    st_amount = strategy("uint32", min_value=1, max_value=10_000)
    st_share = strategy("uint32", min_value=1, max_value=600_000)
    st_weights = strategy("uint8[3]", min_value=1)
    st_cuts = strategy("uint8", min_value=2, max_value=4)

    def __init__(self, accounts):
        """Brownie calls this once, on the class, and goes back to the chain's state after it for every run."""
        self.system = deploy_system(accounts[0])
        self.graph, self.ledger = self.system.revenue_graph, self.system.ledger
        self.owners, self.payer, self.anyone = accounts[1:5], accounts[5], accounts[6]
        registry = self.system.asset_registry
        self.assets = [
            mint(registry, owner, f"asset {number}", kind)
            for number, (owner, kind) in enumerate(zip(self.owners, KINDS, strict=True))
        ]
        fund(self.system.token, self.payer, 10**12, self.ledger)

    def setup(self):
        self.twin = GraphTwin()
        self.trees = [[] for _ in KINDS]
        self.earned = [0] * len(KINDS)
        self.paid = 0

    def rule_pay(self, st_asset, st_amount):
        self.graph.pay(self.assets[st_asset], st_amount, REF, {"from": self.payer})
        self.twin.pay(st_asset, st_amount)
        self.paid += st_amount

    def rule_pay_in_pieces(self, st_asset, st_amount, st_cuts):
        """A payment cut into many pays exactly as one: the twin gets it whole."""
        pieces = [st_amount] * st_cuts
        for piece in pieces:
            self.graph.pay(self.assets[st_asset], piece, REF, {"from": self.payer})
        self.twin.pay(st_asset, sum(pieces))
        self.paid += sum(pieces)

    def rule_link(self, st_asset, st_other, st_share):
        child, parent = self.assets[st_asset], self.assets[st_other]
        call = (child, [(parent, st_share)], {"from": self.owners[st_asset]})
        total = self.twin.nodes[st_asset].linked_share + st_share
        if KINDS[st_asset] == CAPTURE:
            with reverts_with("RevenueGraph_CaptureHasNoParents", child):
                self.graph.link(*call)
        elif st_other >= st_asset:
            with reverts_with("RevenueGraph_NotOlder", child, parent):
                self.graph.link(*call)
        elif (st_asset, st_other) in self.twin.edges:
            with reverts_with("RevenueGraph_AlreadyLinked", child, parent):
                self.graph.link(*call)
        elif total > WHOLE:
            with reverts_with("RevenueGraph_ShareAboveWhole", total):
                self.graph.link(*call)
        else:
            self.graph.link(*call)
            self.twin.link(st_asset, {st_other: st_share})

    def rule_roll(self, st_asset, st_other):
        child, parent = self.assets[st_asset], self.assets[st_other]
        if (st_asset, st_other) not in self.twin.edges:
            with reverts_with("RevenueGraph_NotLinked", child, parent):
                self.graph.roll(child, parent, {"from": self.anyone})
        elif self.twin.roll_due(st_asset, st_other) == 0:
            with reverts_with("RevenueGraph_NothingDue", child):
                self.graph.roll(child, parent, {"from": self.anyone})
        else:
            tx = self.graph.roll(child, parent, {"from": self.anyone})
            assert tx.return_value == self.twin.roll(st_asset, st_other)

    def rule_publish(self, st_asset, st_weights):
        """Owner of the asset, owner of the oldest, and that oldest asset's node (or a plain account for itself)."""
        first = to_node(self.assets[0], st_weights[2]) if st_asset else to_account(self.anyone, st_weights[2])
        asset = self.assets[st_asset]
        shares = [to_owner(asset, st_weights[0]), to_account(self.owners[0], st_weights[1]), first]
        number = len(self.trees[st_asset]) + 1
        before = [self.dues(st_asset, payout) for payout in range(1, number)]

        self.trees[st_asset].append(publish(self.graph, asset, shares, self.owners[st_asset], number))
        self.twin.publish(st_asset, list(st_weights))

        assert [self.dues(st_asset, payout) for payout in range(1, number)] == before

    def dues(self, asset, payout):
        tree = self.trees[asset][payout - 1]
        weights = [share.weight for share in tree.shares]
        return [self.graph.dueOf(self.assets[asset], payout, at, weight) for at, weight in enumerate(weights)]

    def rule_claim(self, st_asset, st_other):
        """One leaf of every payout of an asset."""
        index = st_other % 3
        for payout in range(1, len(self.trees[st_asset]) + 1):
            self.claim(st_asset, payout, index)

    def claim(self, asset, payout, index):
        leaf = self.trees[asset][payout - 1].prove(index)
        stated = filing(self.graph, self.assets[asset], payout).statement.hash
        call = (self.assets[asset], payout, stated, as_call(leaf), {"from": self.anyone})
        if self.twin.claim_due(asset, payout, index) == 0:
            with reverts_with("RevenueGraph_NothingDue", self.assets[asset]):
                self.graph.claim(*call)
            return
        goes_to_node = index == 2 and asset != 0
        amount = self.twin.claim(asset, payout, index, 0 if goes_to_node else None)
        assert self.graph.claim(*call).return_value == amount
        if index == 0:
            self.earned[asset] += amount
        elif index == 1:
            self.earned[0] += amount

    def rule_take_own(self, st_asset):
        if self.twin.own_due(st_asset) == 0:
            with reverts_with("RevenueGraph_NothingDue", self.assets[st_asset]):
                self.graph.takeOwn(self.assets[st_asset], {"from": self.anyone})
        else:
            tx = self.graph.takeOwn(self.assets[st_asset], {"from": self.anyone})
            amount = self.twin.take_own(st_asset)
            assert tx.return_value == amount
            self.earned[st_asset] += amount

    def invariant_every_number_equals_the_twin(self):
        for number, asset in enumerate(self.assets):
            node, kept = self.twin.nodes[number], tuple(self.graph.nodeOf(asset))
            expected = (node.received, node.own_at_link, node.received_at_link, node.linked_share, len(node.plans))
            assert kept == expected
            assert self.graph.ownOf(asset) == node.own
            assert self.graph.ownDueOf(asset) == self.twin.own_due(number)
        for child, parent in self.twin.edges:
            due = self.graph.rollDueOf(self.assets[child], self.assets[parent])
            assert due == self.twin.roll_due(child, parent)

    def invariant_what_is_held_covers_what_is_owed(self):
        assert self.ledger.lockedBy(self.graph) == self.twin.held >= self.twin.due()

    def invariant_nobody_gets_more_than_was_paid(self):
        for owner, earned in zip(self.owners, self.earned, strict=True):
            assert self.ledger.balanceOf(owner) == earned
        gone = sum(self.earned) + self.ledger.balanceOf(self.anyone)
        assert gone + self.ledger.lockedBy(self.graph) == self.paid

    def teardown(self):
        """Everybody takes everything, model first; what is left is dust: less than one unit per rounding."""
        for asset in (3, 2, 1, 0):
            for payout in range(1, len(self.trees[asset]) + 1):
                for index in range(3):
                    self.claim(asset, payout, index)
            for parent in range(asset):
                if (asset, parent) in self.twin.edges and self.twin.roll_due(asset, parent):
                    self.rule_roll(asset, parent)
            if self.twin.own_due(asset):
                self.rule_take_own(asset)
        assert self.twin.due() == 0
        roundings = 2 * len(self.twin.edges) + 3 * sum(len(trees) for trees in self.trees)
        assert self.ledger.lockedBy(self.graph) <= roundings


def test_revenue_is_conserved(state_machine, accounts):
    state_machine(RevenueMachine, accounts, settings=SETTINGS)


@pytest.mark.parametrize("seed", seeds(2))
def test_revenue_is_conserved_on_a_long_way(accounts, seed):
    long_walk(RevenueMachine(accounts), LIMITS, steps=60, seed=seed)
