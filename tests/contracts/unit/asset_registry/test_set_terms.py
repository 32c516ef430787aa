"""AssetRegistry.setTerms: the branches of set_terms.tree."""

from assets import digest, mint
from reverts import reverts_with


def test_an_unknown_asset_has_no_terms(registry, alice):
    with reverts_with("AssetRegistry_Unknown", digest("nothing")):
        registry.setTerms(digest("nothing"), 0, {"from": alice})


def test_a_stranger_cannot_set_terms(registry, alice, mallory):
    asset = mint(registry, alice)

    with reverts_with("AssetRegistry_NotOwner", asset, mallory):
        registry.setTerms(asset, 0, {"from": mallory})


def test_an_operator_cannot_set_terms(registry, alice, bob):
    asset = mint(registry, alice)
    registry.setApprovalForAll(bob, True, {"from": alice})
    registry.approve(bob, int.from_bytes(asset, "big"), {"from": alice})

    with reverts_with("AssetRegistry_NotOwner", asset, bob):
        registry.setTerms(asset, 0, {"from": bob})


def test_unwritten_terms_cannot_be_set(registry, book, alice):
    asset = mint(registry, alice)
    unwritten = book.count() + 1

    with reverts_with("AssetRegistry_UnknownTerms", unwritten):
        registry.setTerms(asset, unwritten, {"from": alice})


def test_only_the_terms_change(registry, alice, train, evaluate):
    asset = mint(registry, alice, terms=train)
    before = registry.assetOf(asset).dict()

    registry.setTerms(asset, evaluate, {"from": alice})

    assert registry.assetOf(asset).dict() == before | {"terms": evaluate}


def test_terms_can_be_taken_back(registry, alice, train):
    asset = mint(registry, alice, terms=train)

    registry.setTerms(asset, 0, {"from": alice})

    assert registry.assetOf(asset).dict()["terms"] == 0


def test_it_emits_terms_changed(registry, alice, train):
    asset = mint(registry, alice)

    tx = registry.setTerms(asset, train, {"from": alice})

    assert dict(tx.events["TermsChanged"]) == {"id": "0x" + asset.hex(), "terms": train}
    assert dict(tx.events["MetadataUpdate"]) == {"_tokenId": int.from_bytes(asset, "big")}


def test_the_new_owner_sets_terms(registry, alice, bob, train):
    asset = mint(registry, alice)
    registry.transferFrom(alice, bob, int.from_bytes(asset, "big"), {"from": alice})

    registry.setTerms(asset, train, {"from": bob})

    with reverts_with("AssetRegistry_NotOwner", asset, alice):
        registry.setTerms(asset, 0, {"from": alice})
