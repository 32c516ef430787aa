"""Actions to calldata: which contract and function performs each, arguments by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from thenar.adapters.chain import codec
from thenar.adapters.chain.abi import function
from thenar.domain import actions as a
from thenar.domain.ids import Address
from thenar.domain.licenses import Offer
from thenar.domain.sending import Call

ZERO_ADDRESS = Address("0x" + "0" * 40)
TOKEN_ABI = "MockUSD"
"""Any settlement token is called through this one's ERC-20 and ERC-2612 functions."""

_Arguments = Callable[[Any], dict[str, object]]


def _same(action: Any) -> dict[str, object]:
    return {field.name: getattr(action, field.name) for field in dataclasses.fields(action)}


def _asset_is_id(action: Any) -> dict[str, object]:
    given = _same(action)
    return {"id": given.pop("asset"), **given}


def _mint(action: a.MintAsset) -> dict[str, object]:
    return {**_same(action), "device": ZERO_ADDRESS, "device_signature": b""}


def _offer(action: a.MakeOffer) -> dict[str, object]:
    offer = Offer(action.price, action.duration, action.expires_at)
    return {"asset": action.asset, "terms": action.terms, "offer": offer}


ROWS: dict[type[Any], tuple[str, str, _Arguments]] = {
    a.WriteTerms: ("TermsBook", "write", _same),
    a.MintAsset: ("AssetRegistry", "mint", _mint),
    a.SetTerms: ("AssetRegistry", "setTerms", _asset_is_id),
    a.RevokeAll: ("AssetRegistry", "revokeAll", _asset_is_id),
    a.MakeOffer: ("LicenseDesk", "offer", _offer),
    a.CloseOffer: ("LicenseDesk", "closeOffer", _same),
    a.GrantLicense: ("LicenseDesk", "grant", _same),
    a.BuyLicense: ("LicenseDesk", "buy", _same),
    a.OpenSale: ("KeyExchange", "open", _same),
    a.DeliverKey: ("KeyExchange", "deliver", _same),
    a.SettleSale: ("KeyExchange", "settle", _same),
    a.TimeoutRefund: ("KeyExchange", "timeoutRefund", _same),
    a.ConsentRefund: ("KeyExchange", "consentRefund", _same),
    a.DisputeKey: ("KeyExchange", "disputeKey", _same),
    a.PayAsset: ("RevenueGraph", "pay", _same),
    a.LinkParents: ("RevenueGraph", "link", _same),
    a.RollShare: ("RevenueGraph", "roll", _same),
    a.PublishPayout: ("RevenueGraph", "publishPayout", _same),
    a.ClaimLeaves: ("RevenueGraph", "claimMany", _same),
    a.TakeOwn: ("RevenueGraph", "takeOwn", _same),
    a.Withdraw: ("Ledger", "withdraw", _same),
    a.RegisterNode: ("NodeRegistry", "register", _same),
}
"""Action class → contract, function and how its fields become arguments."""


def call_of(action: a.Action, contracts: Mapping[str, Address]) -> Call:
    """The call that performs an action; ``contracts`` are addresses by name. Raises BadInput for a value too big."""
    if isinstance(action, a.ApproveSpending):
        return token_call("approve", contracts, spender=contracts["Ledger"], value=action.amount)
    if isinstance(action, a.ClaimLeaves) and len(action.leaves) == 1:
        arguments = {"asset": action.asset, "payout": action.payout, "leaf": action.leaves[0]}
        return _call(contracts["RevenueGraph"], "RevenueGraph", "claim", arguments)
    contract, name, arguments_of = ROWS[type(action)]
    return _call(contracts[contract], contract, name, arguments_of(action))


def token_call(name: str, contracts: Mapping[str, Address], **arguments: object) -> Call:
    """A call of the settlement token."""
    return _call(contracts["token"], TOKEN_ABI, name, arguments)


def _call(to: Address, contract: str, name: str, arguments: Mapping[str, object]) -> Call:
    return Call(to, codec.encode_call(function(contract, name), arguments))
