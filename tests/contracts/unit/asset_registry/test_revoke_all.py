"""AssetRegistry.revokeAll: the branches of revoke_all.tree."""

from assets import MODEL, digest, mint
from reverts import reverts_with


def test_an_unknown_asset_has_no_consent(registry, alice):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        registry.revokeAll(digest("nothing"), bytes(32), {"from": alice})


def test_a_stranger_cannot_revoke(registry, alice, mallory):
    asset = mint(registry, alice)

    with reverts_with("AssetRegistry_NotOwner", asset, mallory):
        registry.revokeAll(asset, bytes(32), {"from": mallory})


def test_an_operator_cannot_revoke(registry, alice, bob):
    asset = mint(registry, alice)
    registry.setApprovalForAll(bob, True, {"from": alice})

    with reverts_with("AssetRegistry_NotOwner", asset, bob):
        registry.revokeAll(asset, bytes(32), {"from": bob})


def test_the_epoch_rises_and_the_time_is_kept(registry, alice, train):
    asset = mint(registry, alice, terms=train)
    before = registry.assetOf(asset).dict()

    registry.revokeAll(asset, bytes(32), {"from": alice})
    last = registry.revokeAll(asset, digest("what is left out"), {"from": alice})

    assert registry.assetOf(asset).dict() == before | {"consentEpoch": 2, "revokedAt": last.timestamp}


def test_nothing_else_changes(registry, covenants, alice, train):
    asset = mint(registry, alice, terms=train, kind=MODEL)
    registry.markExclusive(asset, True, {"from": covenants})
    before = registry.assetOf(asset).dict()

    last = registry.revokeAll(asset, bytes(32), {"from": alice})

    assert before["exclusive"]
    assert registry.assetOf(asset).dict() == before | {"consentEpoch": 1, "revokedAt": last.timestamp}


def test_it_emits_consent_changed(registry, alice):
    asset = mint(registry, alice)

    tx = registry.revokeAll(asset, digest("what is left out"), {"from": alice})

    assert dict(tx.events["ConsentChanged"]) == {
        "id": "0x" + asset.hex(),
        "consentEpoch": 1,
        "revokedAt": tx.timestamp,
        "exclusionRoot": "0x" + digest("what is left out").hex(),
    }


def test_a_transfer_keeps_the_epoch(registry, alice, bob):
    asset = mint(registry, alice)
    registry.revokeAll(asset, bytes(32), {"from": alice})

    registry.transferFrom(alice, bob, int.from_bytes(asset, "big"), {"from": alice})

    assert registry.saleInfo(asset)[:2] == (bob, 1)


def test_revoking_is_cheap(registry, alice):
    asset = mint(registry, alice)

    first = registry.revokeAll(asset, digest("one"), {"from": alice}).gas_used
    second = registry.revokeAll(asset, digest("two"), {"from": alice}).gas_used

    assert first <= 31_000
    assert second <= 53_000  # when the first was is kept
