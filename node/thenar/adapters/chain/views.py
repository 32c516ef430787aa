"""What the contracts answer now, as domain values: batched reads, decoded by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thenar.adapters.chain import codec
from thenar.adapters.chain.abi import function
from thenar.adapters.chain.calls import TOKEN_ABI
from thenar.adapters.chain.errors import refusal
from thenar.adapters.chain.rpc import Refusal, Request, Rpc, number
from thenar.domain.assets import Terms
from thenar.domain.ids import Address, AssetId, TermsId
from thenar.domain.licenses import Grant, Offer, Sale
from thenar.errors import Corrupt, Unavailable
from thenar.services.ports import Wallet


@dataclass(frozen=True, slots=True)
class View:
    """One question: contract name, function, arguments by snake-cased name, and the type of its (first) answer."""

    contract: str
    name: str
    arguments: Mapping[str, object]
    answer: Any


class Views:
    """Reads one deployment. Every method raises Reverted when the contract refuses and Unavailable."""

    def __init__(self, rpc: Rpc, contracts: Mapping[str, Address]) -> None:
        self._rpc = rpc
        self._contracts = contracts

    async def wallet(self, who: Address) -> Wallet:
        """Gas, tokens in the wallet and in the Ledger, and what the Ledger may pull, at the same block."""
        views = (
            View("token", "balanceOf", {"account": who}, int),
            View("Ledger", "balanceOf", {"account": who}, int),
            View("token", "allowance", {"owner": who, "spender": self._contracts["Ledger"]}, int),
        )
        answers = await self._rpc.read_all([("eth_getBalance", [who, "latest"]), *map(self._request, views)])
        if isinstance(answers[0], Refusal):
            raise Unavailable(f"the chain node names no balance: {answers[0].message}")
        tokens, account, allowance = (_decoded(view, raw) for view, raw in zip(views, answers[1:], strict=True))
        return Wallet(number(answers[0]), tokens, account, allowance)

    async def sale_of(self, asset: AssetId, buyer: Address) -> Sale:
        """The sale of an asset to a buyer as stored."""
        sale: Sale = await self.one(View("KeyExchange", "saleOf", {"licensed": asset, "buyer": buyer}, Sale))
        return sale

    async def offer_of(self, asset: AssetId, seller: Address, terms: TermsId) -> Offer:
        """A seller's offer as stored; ``expires_at`` 0 when there is none."""
        arguments = {"asset": asset, "seller": seller, "terms": terms, "range": 0}
        offer: Offer = await self.one(View("LicenseDesk", "offerOf", arguments, Offer))
        return offer

    async def grant_of(self, asset: AssetId, licensee: Address) -> Grant:
        """A license without key delivery as stored; ``until`` 0 when there is none."""
        arguments = {"asset": asset, "licensee": licensee}
        grant: Grant = await self.one(View("LicenseDesk", "grantOf", arguments, Grant))
        return grant

    async def is_allowed(self, asset: AssetId, who: Address, purposes: int, at: int) -> bool:
        """Whether ``who`` may use the asset for all these purpose bits at a time in unix seconds."""
        arguments = {"asset": asset, "who": who, "purposes": purposes, "at": at}
        return bool(await self.one(View("LicenseDesk", "isAllowed", arguments, bool)))

    async def owner_of(self, asset: AssetId) -> Address:
        """Whoever owns an asset now."""
        return Address(await self.one(View("AssetRegistry", "ownerOfAsset", {"id": asset}, Address)))

    async def terms_of(self, terms: TermsId) -> Terms:
        """The terms behind an id."""
        found: Terms = await self.one(View("TermsBook", "termsOf", {"id": terms}, Terms))
        return found

    async def find_terms(self, terms: Terms) -> TermsId:
        """The id of terms already written, or 0."""
        return TermsId(await self.one(View("TermsBook", "find", {"terms": terms}, int)))

    async def due_of(self, asset: AssetId, payout: int, index: int, weight: int) -> int:
        """What a leaf would be paid now, proof not checked."""
        arguments = {"asset": asset, "payout": payout, "index": index, "weight": weight}
        return int(await self.one(View("RevenueGraph", "dueOf", arguments, int)))

    async def own_due_of(self, asset: AssetId) -> int:
        """What the owner could take now."""
        return int(await self.one(View("RevenueGraph", "ownDueOf", {"asset": asset}, int)))

    async def roll_due_of(self, child: AssetId, parent: AssetId) -> int:
        """What would move up to the parent now."""
        return int(await self.one(View("RevenueGraph", "rollDueOf", {"child": child, "parent": parent}, int)))

    async def windows(self) -> tuple[int, int]:
        """Seconds to deliver a key, and to dispute it."""
        names = ("deliveryWindow", "disputeWindow")
        delivery, dispute = await self.many([View("KeyExchange", name, {}, int) for name in names])
        return delivery, dispute

    async def one(self, view: View) -> Any:
        """Ask one question."""
        return (await self.many([view]))[0]

    async def many(self, views: Sequence[View]) -> list[Any]:
        """Ask many questions in few posts; answers in order."""
        answers = await self._rpc.read_all([self._request(view) for view in views])
        return [_decoded(view, answer) for view, answer in zip(views, answers, strict=True)]

    def _request(self, view: View) -> Request:
        data = codec.encode_call(_entry(view), view.arguments)
        return "eth_call", [{"to": self._contracts[view.contract], "data": "0x" + data.hex()}, "latest"]


def _entry(view: View) -> Any:
    return function(TOKEN_ABI if view.contract == "token" else view.contract, view.name)


def _decoded(view: View, answer: Any) -> Any:
    if isinstance(answer, Refusal):
        data = answer.data if isinstance(answer.data, str) else ""
        if data or answer.code == 3 or "revert" in answer.message.lower():
            raise refusal(_bytes(data), message=answer.message)
        raise Unavailable(f"the chain node refused a question: {answer.message}")
    outputs = _entry(view).outputs
    raw = _bytes(answer)
    if not raw:
        raise Corrupt(
            f"there is no {view.contract} at its address on this chain",
            next_step="check that chain.rpc and chain.deployment belong together",
        )
    value = codec.decode_values(outputs, raw, f"{view.contract}.{view.name}")[0]
    return codec.converter(outputs[0], view.answer)(value)


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise Unavailable("the chain node answered something that is not data")
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as cause:
        raise Unavailable("the chain node answered something that is not data") from cause
