"""AssetRegistry.markExclusive: the branches of mark_exclusive.tree."""

from assets import RESULT, digest, mint
from reverts import reverts_with


def test_only_the_covenants_mark(registry, alice):
    asset = mint(registry, alice)

    with reverts_with("AssetRegistry_NotCovenants", alice):
        registry.markExclusive(asset, True, {"from": alice})


def test_an_unknown_asset_is_not_marked(registry, covenants):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        registry.markExclusive(digest("nothing"), True, {"from": covenants})


def test_the_mark_changes_nothing_else(registry, covenants, alice):
    asset = mint(registry, alice, kind=RESULT)
    before = registry.assetOf(asset).dict()

    registry.markExclusive(asset, True, {"from": covenants})

    assert registry.assetOf(asset).dict() == before | {"exclusive": True}
    assert registry.saleInfo(asset) == (alice, 0, RESULT, 0, True)


def test_the_mark_is_taken_away(registry, covenants, alice):
    asset = mint(registry, alice, kind=RESULT)
    before = registry.assetOf(asset).dict()
    registry.markExclusive(asset, True, {"from": covenants})

    registry.markExclusive(asset, False, {"from": covenants})

    assert registry.assetOf(asset).dict() == before
