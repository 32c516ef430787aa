"""AssetRegistry.revokeAll: the branches of revoke_all.tree."""

from assets import digest, mint
from reverts import reverts_with


def test_an_unknown_asset_has_no_consent(registry, alice):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        registry.revokeAll(digest("nothing"), {"from": alice})


def test_a_stranger_cannot_revoke(registry, alice, mallory):
    asset = mint(registry, alice)

    with reverts_with("AssetRegistry_NotOwner", asset, mallory):
        registry.revokeAll(asset, {"from": mallory})


def test_an_operator_cannot_revoke(registry, alice, bob):
    asset = mint(registry, alice)
    registry.setApprovalForAll(bob, True, {"from": alice})

    with reverts_with("AssetRegistry_NotOwner", asset, bob):
        registry.revokeAll(asset, {"from": bob})


def test_only_the_epoch_rises(registry, alice, train):
    asset = mint(registry, alice, terms=train)
    before = registry.assetOf(asset).dict()

    registry.revokeAll(asset, {"from": alice})
    registry.revokeAll(asset, {"from": alice})

    assert registry.assetOf(asset).dict() == before | {"consentEpoch": 2}


def test_it_emits_consent_raised(registry, alice):
    asset = mint(registry, alice)

    tx = registry.revokeAll(asset, {"from": alice})

    assert dict(tx.events["ConsentRaised"]) == {"id": "0x" + asset.hex(), "consentEpoch": 1}


def test_a_transfer_keeps_the_epoch(registry, alice, bob):
    asset = mint(registry, alice)
    registry.revokeAll(asset, {"from": alice})

    registry.transferFrom(alice, bob, int.from_bytes(asset, "big"), {"from": alice})

    assert registry.saleInfo(asset) == (bob, 1, 0)


def test_revoking_is_cheap(registry, alice):
    asset = mint(registry, alice)

    first = registry.revokeAll(asset, {"from": alice}).gas_used
    second = registry.revokeAll(asset, {"from": alice}).gas_used

    assert first <= 46_000
    assert second <= 30_000
