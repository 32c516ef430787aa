"""Every place where a contract has the Ledger credit somebody is known, with the fact that a statement tells it by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from thenar.adapters.chain.abi import FOLLOWED, entries
from thenar.domain import facts as f
from thenar.domain.earnings import RULES

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
BURNT = {"NOBODY", "_NOBODY", "BURNT"}
"""The names contracts give to nobody's account."""
SITES = {
    "AnswerDisputes.resolve record.challenger, _challengeBond": "AnswerJudged",
    "AnswerDisputes.resolve winner, toWinner": "AnswerJudged",
    "CallDisputes.condemn found.accuser, _bond + toWinner": "CallJudged",
    "CallDisputes.resolve accuser, _bond": "CallJudged",
    "CallDisputes.resolve ruling == Ruling.CLAIM ? found.node : accuser, toWinner": "CallJudged",
    "CaptureBounties.carryOut contributor, bond": "AnswerJudged",
    "CaptureBounties.close kept.sponsor, rest": "AskClosed",
    "CaptureBounties.lapse msg.sender, bond / 2": "AnswerLapsed",
    "CaptureBounties.post msg.sender, received - ask.budget": "Collected",
    "CaptureBounties.settle contributor, asked.bondAt(_answerBond, time) + paid": "AnswerSettled",
    "ClaimDisputes._returnBond record.opponent, record.bond": "DisputeResolved",
    "ClaimDisputes._share auditor, toAuditor": "ClaimSlashed",
    "ClaimDisputes._share winner, toWinner": "DemandLapsed DisputeResolved",
    "ClaimDisputes.lapse by, _demandBond": "DemandLapsed",
    "ClaimDisputes.show msg.sender, _demandBond": "PlaceShown",
    "ComputeBounties.closeBounty found.requester, rest": "BountyClosed",
    "ComputeBounties.createBounty msg.sender, received - budget": "Collected",
    "ComputeBounties.payAudit auditor, paid": "ClaimFinalized AuditArmed",
    "ComputeBounties.payWork worker, paid": "ClaimFinalized",
    "ContributionEpochs._void c.challenger, _bond - fine": "RootJudged",
    "ContributionEpochs._void c.proposer, _bond - fine": "RootJudged",
    "ContributionEpochs.resolve stands ? c.proposer : c.challenger, _bond + toWinner": "RootJudged",
    "ContributionEpochs.settle proposal.proposer, _bond": "RootSettled",
    "Escrow._pay stream.seller, amount": "StreamCollected StreamRefunded",
    "Escrow.refund stream.licensee, refunded": "StreamRefunded",
    "JuryVotes.settle appellants[round], bond": "CaseClosed",
    "KeyExchange._refund deal.buyer, back": "SaleRefunded",
    "KeyExchange._refund deal.seller, deal.bond": "SaleRefunded",
    "KeyExchange._settle deal.buyer, toBuyer": "SaleSettled",
    "KeyExchange._settle deal.seller, toSeller": "SaleSettled ComplaintFailed",
    "LicenseDesk._pay head.ownerOf(), received": "LicenseGranted",
    "LicenseDesk.revokeOne licensee, _collect(back)": "LicenseEnded",
    "LiveDesk._take msg.sender, received - amount": "Collected",
    "LiveDesk.collect found.seller, debt - running.paid": "LivePaid",
    "LiveDesk.stop found.seller, debt - ended.paid": "Unsubscribed",
    "LiveDesk.stop subscriber, ended.deposit - debt": "Unsubscribed",
    "MarkDesk._pay finder, deposit + reward": "MarkEnded",
    "MarkDesk._pay mark.owner, deposit": "MarkEnded",
    "MarkDesk._refute mark.owner, deposit": "LeakRefuted",
    "MarkDesk.lapse finder, deposit": "MarkEnded",
    "MarkDesk.lapse mark.buyer, mark.bond": "MarkEnded",
    "MarkDesk.recall mark.owner, stake": "MarkEnded",
    "MarkDesk.release mark.buyer, mark.bond": "MarkEnded",
    "MarkDesk.release mark.owner, stake": "MarkEnded",
    "NodeRegistry.withdrawStake msg.sender, amount": "StakeWithdrawn",
    "OmissionCourt._convict challenger, reward": "OmissionProved",
    "OmissionCourt.returnBond stated.publisher, stated.bond": "BondReturned",
    "PreviewDesk.closePreview preview.seller, preview.fee + bondFor(preview.fee)": "PreviewEnded",
    "PreviewDesk.disputePreview preview.challenger, preview.fee + bondFor(preview.fee)": "PreviewEnded",
    "PreviewDesk.expirePreview preview.challenger, preview.fee": "PreviewEnded",
    "ReflexDesk._take msg.sender, received - amount": "Collected",
    "ReflexDesk.proveContradiction msg.sender, reward": "ContradictionProven",
    "ReflexDesk.redeem found.node, paid - toModel": "VoucherRedeemed",
    "ReflexDesk.settle found.client, rest": "ChannelSettled",
    "RevenueGraph._hand to, amount": "Claimed",
    "RevenueGraph.takeOwn owner, amount": "OwnTaken",
    "RunDesk._take msg.sender, received - amount": "Collected",
    "RunDesk.refund found.buyer, found.price": "RunRefunded",
    "SegmentCourt.collectFee juror, fee": "JurorPaid",
    "SegmentCourt.fineAbsent msg.sender, fine / 2": "JurorFined",
    "StorageProofs._share to, sum / 2": "AnswerMissed StorageConvicted",
    "StorageProofs.convict asked.by, _demandBond": "StorageConvicted",
    "StorageProofs.show node, _demandBond": "AnswerShown",
    "WordDisputes.resolve found.accuser, back": "WordJudged",
    "WordDisputes.resolve found.witness, toWinner": "WordJudged",
    "WorkClaims._fine terms.requester, fine": "AuditMissed",
    "WorkClaims.expire terms.requester, penalty - toAuditor": "ClaimExpired",
    "WorkClaims.expire work.auditor, toAuditor": "ClaimExpired",
}
"""Contract, function and what it passes to ``Ledger.release``: the facts by which a statement tells it."""
CREDIT = re.compile(r"\.release\(([^;]*)\);")
FUNCTION = re.compile(r"\bfunction (\w+)\(")


def functions(text: str) -> Iterator[tuple[str, str]]:
    """Every function of a source, by name, with all up to the next one."""
    begins = [*FUNCTION.finditer(text)]
    for begin, end in zip(begins, [*(one.start() for one in begins), len(text)][1:], strict=True):
        yield begin[1], text[begin.start() : end]


def credits_of(text: str) -> Iterator[tuple[str, str]]:
    """Function and arguments of every credit of a source; one that only hands on stands for those who call it."""
    handing_on = {
        name for name, body in functions(text) if re.search(r"if \(amount != 0\) _ledger\.release\(to, amount\);", body)
    }
    for name, body in functions(text):
        if name not in handing_on:
            calls = re.compile(rf"(?<![\w.])(?:{'|'.join(handing_on)})\(([^;{{]*)\);") if handing_on else None
            for found in (*CREDIT.finditer(body), *(calls.finditer(body) if calls else ())):
                yield name, found[1]


def found_sites() -> set[str]:
    """Every place that credits somebody, but for what is burnt."""
    sources = [*CONTRACTS.glob("*.sol"), *(CONTRACTS / "libraries").glob("*.sol")]
    return {
        f"{source.stem}.{function} {given}"
        for source in sources
        for function, given in credits_of(source.read_text(encoding="utf-8"))
        if given.split(",")[0] not in BURNT
    }


def test_every_credit_in_the_contracts_is_told_by_a_fact_and_none_is_forgotten() -> None:
    found = found_sites()

    assert found - SITES.keys() == set(), (
        "new credits: give their facts a rule in thenar/domain/earnings, then name them"
    )
    assert SITES.keys() - found == set(), "credits that are gone"


def test_as_many_credits_are_found_as_there_are_calls_of_release() -> None:
    """Nothing slips through the patterns: every ``.release(`` is a site, is burnt, or hands on for others."""
    sources = [*CONTRACTS.glob("*.sol"), *(CONTRACTS / "libraries").glob("*.sol")]
    texts = [source.read_text(encoding="utf-8") for source in sources]
    calls = sum(text.count(".release(") for text in texts)
    whole = sum(len(CREDIT.findall(text)) for text in texts)

    assert calls == whole > 60


@pytest.mark.parametrize("kind", sorted({kind for kinds in SITES.values() for kind in kinds.split()}))
def test_what_tells_a_credit_is_logged_by_a_contract_and_has_a_rule(kind) -> None:
    assert getattr(f, kind) in RULES
    assert any(event.name == kind for contract in FOLLOWED for event in entries(contract, "event"))


def test_only_releases_and_deposits_raise_a_balance_and_only_claims_mint_rewards() -> None:
    ledger = (CONTRACTS / "Ledger.sol").read_text(encoding="utf-8")
    raising = {name for name, body in functions(ledger) if re.search(r"_balances\[\w+\] \+=", body)}
    minting = {
        f"{source.stem}.{name}"
        for source in CONTRACTS.glob("*.sol")
        for name, body in functions(source.read_text(encoding="utf-8"))
        if re.search(r"_token\.(mint|safeTransferFrom|transfer)\(", body) and source.stem != "Ledger"
    }

    assert raising == {"release", "_deposit"}
    assert minting == {"ContributionEpochs.claim", "ContributionEpochs.pay"}


def test_a_credit_nobody_thought_of_is_found() -> None:
    new = "function reward(address who) external { _ledger.release(who, 7); }"

    assert list(credits_of(new)) == [("reward", "who, 7")]
