"""What is signed here is what eth-account would sign; fees rise enough and never above the cap."""

from __future__ import annotations

from dev_key import DevKey
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from thenar.adapters.chain.signing import Fees, bumped, offered, sign
from thenar.domain.ids import Address
from thenar.domain.sending import Call

WEI = st.integers(0, 10**13)


@given(
    to=st.binary(min_size=20, max_size=20),
    data=st.binary(max_size=100),
    value=st.integers(0, 2**96),
    nonce=st.integers(0, 2**40),
    max_fee=st.integers(1, 2**60),
)
@settings(max_examples=40, deadline=None)
def test_a_signed_transaction_equals_eth_accounts(to: bytes, data: bytes, value: int, nonce: int, max_fee: int) -> None:
    key = DevKey(7)
    call = Call(Address("0x" + to.hex()), data, value)

    made = sign(call, key, chain_id=31337, nonce=nonce, gas=50_000, fees=Fees(max_fee, max_fee // 2), block=1)

    expected = Account.from_key(key.secret).sign_transaction(
        {
            "type": 2,
            "chainId": 31337,
            "nonce": nonce,
            "to": to,
            "value": value,
            "data": data,
            "gas": 50_000,
            "maxFeePerGas": max_fee,
            "maxPriorityFeePerGas": max_fee // 2,
        }
    )
    assert made.raw == expected.raw_transaction
    assert made.tx_hash == "0x" + expected.hash.hex().removeprefix("0x")


@given(base=WEI, tip=WEI, cap=WEI)
def test_an_offer_covers_the_next_block_and_respects_the_cap(base: int, tip: int, cap: int) -> None:
    fees = offered(base, tip, cap)

    assert (fees is None) == (base + tip > cap)
    if fees is not None:
        assert base + tip <= fees.max_fee <= cap and fees.priority_fee <= fees.max_fee


@given(old_max=WEI, old_tip=WEI, fresh=st.none() | st.builds(Fees, WEI, WEI), cap=WEI)
def test_a_replacement_pays_an_eighth_more_in_both_or_is_not_made(
    old_max: int, old_tip: int, fresh: Fees | None, cap: int
) -> None:
    old = Fees(max(old_max, old_tip), old_tip)

    fees = bumped(old, fresh, cap)

    if fees is not None:
        assert fees.max_fee <= cap and fees.priority_fee <= fees.max_fee
        assert 8 * fees.max_fee >= 9 * old.max_fee and 8 * fees.priority_fee >= 9 * old.priority_fee
