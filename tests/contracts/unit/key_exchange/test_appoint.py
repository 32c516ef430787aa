"""KeyExchange.appoint: the branches of appoint.tree."""

NOBODY = "0x" + "00" * 20


def test_whoever_is_named_is_the_keeper(exchange, alice, bob, carol):
    exchange.appoint(carol, {"from": alice})
    exchange.appoint(alice, {"from": bob})

    assert (exchange.keeperOf(alice), exchange.keeperOf(bob), exchange.keeperOf(carol)) == (carol, alice, NOBODY)


def test_nobody_can_be_named_again(exchange, alice, carol):
    exchange.appoint(carol, {"from": alice})

    exchange.appoint(NOBODY, {"from": alice})

    assert exchange.keeperOf(alice) == NOBODY


def test_it_emits_keeper_appointed(exchange, alice, carol):
    tx = exchange.appoint(carol, {"from": alice})

    assert dict(tx.events["KeeperAppointed"]) == {"seller": alice, "keeper": carol}
