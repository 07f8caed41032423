"""What a fill costs, found by the root of its symbol."""

from decimal import Decimal

import pytest

from core.model.commission import CommissionSchedule, root_of
from core.model.scope import AccountKey

ACCOUNT = AccountKey("sc", "APEX-1")
OTHER = AccountKey("sc", "APEX-2")


@pytest.mark.parametrize(
    ("symbol", "root"),
    [
        ("ESZ26_FUT_CME", "ES"),
        ("ESZ6", "ES"),
        ("MESZ5", "MES"),
        ("F.US.MESM25", "MES"),
        ("F.US.EPZ25", "EP"),
        ("NQZ25-CME", "NQ"),
        ("ESH25_FUT_CME[M]", "ES"),
        ("6EZ6", "6E"),
        ("M6EH6", "M6E"),
        ("M2KZ25", "M2K"),
        ("10YZ25", "10Y"),
        ("SR3Z25", "SR3"),
        ("ZNZ6", "ZN"),
        ("ZBH26", "ZB"),
        ("CLF7", "CL"),
        ("RTYH6", "RTY"),
        # no month and year in them: they are their own root
        ("ZN", "ZN"),
        ("ES", "ES"),
        ("6E", "6E"),
        ("BTCUSDT", "BTCUSDT"),
        ("BTC-PERP", "BTC-PERP"),
        ("XAUUSD", "XAUUSD"),
        ("AAPL", "AAPL"),
        ("ESZ2026", "ESZ2026"),
        ("", ""),
    ],
)
def test_the_root_of_a_symbol(symbol: str, root: str) -> None:
    assert root_of(symbol) == root


def test_the_cost_is_the_rate_of_the_account_else_of_the_connection() -> None:
    schedule = CommissionSchedule(
        by_account={ACCOUNT: {"ES": Decimal("1.10")}},
        defaults={"sc": {"ES": Decimal("2.25"), "MES": Decimal("0.62")}},
    )
    assert schedule.cost(ACCOUNT, "ESZ26_FUT_CME", Decimal(3)) == Decimal("3.30")
    assert schedule.cost(OTHER, "ESZ26_FUT_CME", Decimal(3)) == Decimal("6.75")
    assert schedule.cost(ACCOUNT, "MESZ6", Decimal("0.5")) == Decimal("0.31")


def test_a_cost_that_no_schedule_covers_is_unknown_and_not_zero() -> None:
    schedule = CommissionSchedule(defaults={"sc": {"ES": Decimal("2.25")}})
    assert schedule.cost(ACCOUNT, "NQZ6", Decimal(1)) is None
    assert schedule.cost(AccountKey("other", "A"), "ESZ6", Decimal(1)) is None
    assert CommissionSchedule().cost(ACCOUNT, "ESZ6", Decimal(1)) is None


def test_a_rate_of_zero_is_known_and_a_rebate_stays_negative() -> None:
    schedule = CommissionSchedule(defaults={"sc": {"ES": Decimal(0), "BTCUSDT": Decimal("-0.5")}})
    assert schedule.cost(ACCOUNT, "ESZ6", Decimal(9)) == 0
    assert schedule.cost(ACCOUNT, "BTCUSDT", Decimal("0.2")) == Decimal("-0.1")
