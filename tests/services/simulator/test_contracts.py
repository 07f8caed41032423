"""The listed futures carry their true facts."""

from datetime import date
from decimal import Decimal

import pytest

from services.simulator.contracts import front_month, listed_contracts


@pytest.mark.parametrize(
    ("day", "expiry"),
    [
        (date(2026, 11, 23), date(2026, 12, 18)),
        (date(2026, 12, 13), date(2026, 12, 18)),
        (date(2026, 12, 14), date(2027, 3, 19)),
        (date(2026, 1, 1), date(2026, 3, 20)),
    ],
)
def test_the_front_month_rolls_on_the_monday_before_expiry(day: date, expiry: date) -> None:
    assert front_month(day) == expiry


def test_es_and_mes_are_listed_with_their_tick_values() -> None:
    es, mes = listed_contracts(date(2026, 11, 23))
    assert (es.symbol, es.tick_size, es.tick_value) == ("ESZ26_FUT_CME", Decimal("0.25"), Decimal("12.50"))
    assert (mes.symbol, mes.tick_size, mes.tick_value) == ("MESZ26_FUT_CME", Decimal("0.25"), Decimal("1.25"))
    assert es.description == "E-mini S&P 500 Dec 2026"


def test_an_older_contract_stays_listed_while_somebody_holds_it() -> None:
    symbols = [each.symbol for each in listed_contracts(date(2027, 1, 4), also=["MESZ26_FUT_CME"])]
    assert symbols == ["ESH27_FUT_CME", "MESH27_FUT_CME", "MESZ26_FUT_CME"]


def test_a_symbol_that_is_no_contract_of_ours_is_not_listed() -> None:
    also = ["NQZ26_FUT_CME", "ESZ26", "", "ES_FUT_CME"]
    assert len(listed_contracts(date(2026, 11, 23), also)) == 2


def test_a_price_multiplier_belongs_to_a_root() -> None:
    es, mes = listed_contracts(date(2026, 11, 23), price_multipliers={"ES": Decimal("0.01")})
    assert (es.price_multiplier, mes.price_multiplier) == (Decimal("0.01"), Decimal(1))
