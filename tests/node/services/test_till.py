"""What a redemption costs, and what is not worth one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from thenar.domain.ids import Address, AssetId
from thenar.domain.reflex.vouchers import REDEMPTIONS
from thenar.errors import Refused
from thenar.services.reflex.channels import Till
from thenar.services.reflex.robot import Hiring, RobotKey, hired

MODEL = AssetId("0x" + "5e" * 32)
COIN = 3_000 * 10**6


def trade_at(gas_price: int) -> Any:
    async def price() -> int:
        return gas_price

    return SimpleNamespace(chain=SimpleNamespace(gas_price=price))


@pytest.mark.parametrize(
    ("gas_price", "coin", "cost"),
    [(10**9, COIN, 342_000), (10**6, COIN, 10_000), (10**9, 0, 10_000), (0, COIN, 10_000)],
)
async def test_a_redemption_costs_the_gas_of_now_and_never_less_than_what_was_set(gas_price, coin, cost) -> None:
    till = Till(trade_at(gas_price), 10_000, coin)

    assert await till.cost() == cost
    assert await till.least_deposit() == REDEMPTIONS * cost


async def test_a_robot_opens_no_channel_that_pays_for_no_redemption() -> None:
    house: Any = None  # it is not even asked
    key = RobotKey(Address("0x" + "11" * 20), lambda digest: digest)
    till = Till(trade_at(10**9), 0, COIN)

    with pytest.raises(Refused, match="less than 1710000"):
        async with hired(house, key, Hiring(MODEL, 0.02, 1_709_999, 10, least=await till.least_deposit())):
            pass
