"""The figures under the ladder, and where the day comes out even."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from core.model.scope import Balance
from core.snapshot import LedgerBalance, Snapshot
from panels.dom_figures import even_price, foot_of
from panels.shown import shown_in
from tests.panels.worlds import ACCOUNT, ES_KEY, NOW, ago, flat, long_two, position


def closed_today(net: str | None, now: Snapshot) -> Snapshot:
    money = None if net is None else Decimal(net)
    return replace(now, ledger=MappingProxyType({ACCOUNT: LedgerBalance(Decimal(50_000), money, ago(5))}))


def test_a_position_says_side_average_worth_and_day() -> None:
    now = long_two()
    foot = foot_of(now, shown_in(now))
    assert [foot.side.value, foot.average.value, foot.pnl.value, foot.r.value, foot.day.value] == [
        "LONG 2",
        "5050.25",
        "+125.00 ▲",
        "+0.25R",
        "+110.20 ▲",
    ]
    assert foot.pnl.spoken == "plus 125.00 USD, profit"


def test_flat_is_said_only_where_it_is_known() -> None:
    assert foot_of(flat(), shown_in(flat())).side.value == "FLAT"
    unknown = flat(scopes=MappingProxyType({}))
    foot = foot_of(unknown, shown_in(unknown))
    assert {foot.side.value, foot.average.value, foot.pnl.value, foot.r.value, foot.even_cell.value} == {"—"}


@pytest.mark.parametrize(
    ("quantity", "net", "even"),
    [
        # ES is worth 50 a point: two contracts win 100 back in one point.
        ("2", "-100", "5051.25"),
        ("2", "100", "5049.25"),
        ("2", "0", "5050.25"),
        ("-2", "-100", "5049.25"),
        ("-2", "100", "5051.25"),
        # Between two ticks it is the one that is not worse.
        ("2", "-110", "5051.50"),
        ("2", "110.20", "5049.25"),
        ("-2", "-110", "5049.00"),
        ("2", None, None),
    ],
)
def test_the_day_comes_out_even_where_the_position_makes_up_for_it(quantity: str, net: str | None, even: str) -> None:
    now = closed_today(net, long_two(positions=MappingProxyType({ES_KEY: position(quantity=quantity)})))
    assert even_price(now, shown_in(now)) == (None if even is None else Decimal(even))


def test_money_of_two_currencies_is_not_added() -> None:
    balance = Balance(Decimal(50_000), None, None, None, "EUR", NOW)
    now = long_two(balances=MappingProxyType({ACCOUNT: balance}))
    assert even_price(now, shown_in(now)) is None
