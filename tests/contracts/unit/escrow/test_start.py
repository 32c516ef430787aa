"""Escrow.start: the branches of start.tree."""

from dataclasses import replace

from reverts import reverts_with


def test_a_stranger_starts_nothing(till, capture, alice, bob, mallory):
    made = till.stream(capture, alice, bob, source=str(mallory))

    with reverts_with("Escrow_NotSource", mallory, mallory):
        till.escrow.start(made.call, {"from": mallory})


def test_a_source_does_not_speak_for_another(till, capture, alice, bob):
    made = till.stream(capture, alice, bob, source=str(till.desk))

    with reverts_with("Escrow_NotSource", till.desk, till.exchange):
        till.escrow.start(made.call, {"from": till.exchange})


def test_a_stream_needs_time(till, capture, alice, bob):
    made = till.stream(capture, alice, bob)
    made = replace(made, until=made.since)

    with reverts_with("Escrow_NoTime", made.since, made.until):
        till.escrow.start(made.call, {"from": till.exchange})


def test_a_stream_starts_once(till, escrow, running):
    with reverts_with("Escrow_Exists", running.id(escrow)):
        escrow.start(running.call, {"from": till.exchange})


def test_a_stream_runs(escrow, running):
    assert tuple(escrow.flowOf(running.id(escrow))) == (True, False, 0)
    assert escrow.endedAt(running.call) == 0


def test_the_id_is_the_hash_of_the_stream(escrow, running):
    changes = {
        "asset": bytes(31) + b"\1",
        "batch": bytes(31) + b"\1",
        "range": 2,
        "source": "0x" + "11" * 20,
        "licensee": "0x" + "11" * 20,
        "seller": "0x" + "11" * 20,
        "derived": True,
    } | dict.fromkeys(("price", "bought_at", "since", "until", "consent_epoch"), 7)
    ids = {str(escrow.idOf(replace(running, **{name: value}).call)) for name, value in changes.items()}

    assert escrow.idOf(running.call) == "0x" + running.id(escrow).hex()
    assert len(ids) == len(changes) and str(escrow.idOf(running.call)) not in ids


def test_it_emits_stream_started(till, escrow, capture, alice, bob):
    made = till.stream(capture, alice, bob)

    event = till.start(made).events["StreamStarted"]

    assert event["id"] == "0x" + made.id(escrow).hex()
    assert (event["asset"], event["licensee"]) == ("0x" + capture.hex(), bob)
    assert tuple(event["stream"])[3:] == made.call[3:]
