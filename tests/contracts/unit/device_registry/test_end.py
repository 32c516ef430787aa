"""DeviceRegistry.retire, compromise and isGood: the branches of end.tree."""

from devices import ZERO_ADDRESS, device_key, register
from reverts import reverts_with
from system import next_block_at

NEVER = 2**40 - 1


def test_a_stranger_ends_no_device(registry, mounted, alice, bob):
    with reverts_with("DeviceRegistry_NotOwner", alice, bob):
        registry.retire(mounted.address, {"from": bob})
    with reverts_with("DeviceRegistry_NotOwner", alice, bob):
        registry.compromise(mounted.address, 0, {"from": bob})


def test_an_unknown_device_cannot_end(registry, alice):
    stranger = device_key("stranger").address

    with reverts_with("DeviceRegistry_Unknown", stranger):
        registry.retire(stranger, {"from": alice})
    with reverts_with("DeviceRegistry_Unknown", stranger):
        registry.compromise(stranger, 0, {"from": alice})


def test_an_end_only_moves_earlier(registry, mounted, alice, chain):
    tx = registry.compromise(mounted.address, chain[-1].timestamp, {"from": alice})
    until = tx.events["DeviceEnded"]["until"]

    with reverts_with("DeviceRegistry_NotEarlier", until, until):
        registry.compromise(mounted.address, until, {"from": alice})
    next_block_at(chain[-1].timestamp + 5)
    with reverts_with("DeviceRegistry_NotEarlier", until, chain[-1].timestamp + 5):
        registry.retire(mounted.address, {"from": alice})


def test_what_a_retired_device_signed_before_stays_good(registry, mounted, alice, chain):
    next_block_at(chain[-1].timestamp + 100)
    tx = registry.retire(mounted.address, {"from": alice})

    assert registry.isGood(mounted.address, tx.timestamp - 1)
    assert not registry.isGood(mounted.address, tx.timestamp)
    record = registry.deviceOf(mounted.address).dict()
    assert (record["until"], record["compromised"]) == (tx.timestamp, False)


def test_it_emits_device_ended(registry, mounted, alice):
    tx = registry.retire(mounted.address, {"from": alice})

    assert dict(tx.events["DeviceEnded"]) == {"device": mounted.address, "until": tx.timestamp, "compromised": False}


def test_nobody_is_compromised_in_the_future(registry, mounted, alice, chain):
    with reverts_with("DeviceRegistry_InFuture", chain[-1].timestamp + 1_000):
        registry.compromise(mounted.address, chain[-1].timestamp + 1_000, {"from": alice})


def test_a_retired_device_may_turn_out_compromised(registry, mounted, alice):
    retired = registry.retire(mounted.address, {"from": alice}).timestamp

    tx = registry.compromise(mounted.address, retired - 1, {"from": alice})

    assert dict(tx.events["DeviceEnded"]) == {"device": mounted.address, "until": retired - 1, "compromised": True}
    assert registry.deviceOf(mounted.address).dict()["compromised"] is True
    assert not registry.isGood(mounted.address, retired - 1)


def test_a_device_may_turn_out_never_to_have_been_good(registry, mounted, alice):
    since = registry.deviceOf(mounted.address).dict()["since"]

    registry.compromise(mounted.address, 0, {"from": alice})

    assert not any(registry.isGood(mounted.address, at) for at in (0, since - 1, since, NEVER))


def test_nothing_is_good_before_it_is_registered(registry, mounted):
    since = registry.deviceOf(mounted.address).dict()["since"]

    assert not registry.isGood(mounted.address, since - 1)
    assert registry.isGood(mounted.address, since)
    assert not registry.isGood(device_key("stranger").address, since)
    assert not registry.isGood(ZERO_ADDRESS, since)


def test_a_patch_falls_with_its_hand(registry, mounted, hand, alice):
    since = registry.deviceOf(mounted.address).dict()["since"]
    next_block_at(since + 100)

    tx = registry.retire(hand.address, {"from": alice})

    assert registry.isGood(mounted.address, since)
    assert not registry.isGood(mounted.address, tx.timestamp)
    assert registry.deviceOf(mounted.address).dict()["until"] == NEVER


def test_a_hand_stands_without_its_patch(registry, mounted, hand, alice, where):
    other = device_key("other patch")
    register(registry, alice, other, where, parent=hand)

    tx = registry.compromise(mounted.address, 0, {"from": alice})

    assert registry.isGood(hand.address, tx.timestamp)
    assert registry.isGood(other.address, tx.timestamp)
