"""ContributionEpochs.close: the branches of close.tree."""

from brownie import chain
from brownie.test import given, strategy
from epoch_town import BASE, EMISSION, WEEK
from reverts import reverts_with

from thenar.domain.epochs.pools import EpochParams


def test_an_epoch_lasts_a_week_at_least(town, epochs, alice):
    since = epochs.running()["openedAt"] + WEEK
    town.at(since - 1)

    with reverts_with("ContributionEpochs_TooEarly", since):
        epochs.close({"from": alice})

    town.at(since)
    epochs.close({"from": alice})


def test_what_was_known_from_the_beginning_is_granted(town, epochs, closed):
    running, sums = epochs.running(), epochs.sums()

    assert (running["number"], running["openedAt"], running["burnt"]) == (2, chain[-1].timestamp, 0)
    assert (sums["granted"], sums["paid"], sums["settled"]) == (BASE, 0, 0)


def test_the_base_is_shared_out_when_nothing_was_used(epochs, closed):
    assert epochs.running()["pool"] == BASE


def test_four_fifths_of_what_was_burnt_come_back(epochs):
    assert epochs.poolOf(2, 1_000) == 800 + BASE
    assert epochs.poolOf(2, 1) == BASE  # rounded down


def test_no_pool_is_above_the_emission(epochs):
    assert epochs.poolOf(104, 10**27) == EMISSION
    assert epochs.poolOf(105, 10**27) == EMISSION // 2
    assert epochs.poolOf(1 + 104 * 100, 10**27) == 0


@given(epoch=strategy("uint32", min_value=1), burnt=strategy("uint96"))
def test_node_and_chain_agree_about_every_pool(epochs, epoch, burnt):
    params = EpochParams(*epochs.parameters())

    assert epochs.poolOf(epoch, burnt) == params.pool(epoch, burnt)


def test_it_emits_epoch_closed(closed):
    event = closed.events["EpochClosed"]

    assert (event["epoch"], event["pool"], event["granted"], event["burnt"]) == (1, BASE, BASE, 0)
    assert (event["nextPool"], event["closedAt"]) == (BASE, chain[-1].timestamp)
