"""Names as recorders write them, and the facts of what has none of our names."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import ConfigurationError
from services.simulator.replay_contracts import Facts, listed_symbol, replayed_contract

D = Decimal
EUREX = Facts(D("0.5"), D("12.5"), "EUR")


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("MESZ25", "MESZ25_FUT_CME"),
        ("MESZ25_FUT_CME", "MESZ25_FUT_CME"),
        ("ESH26-CME", "ESH26_FUT_CME"),
        ("mesz5", "MESZ25_FUT_CME"),
        ("MESH6", "MESH26_FUT_CME"),
        ("ESZ9.CME", "ESZ29_FUT_CME"),
        ("6EZ25", "6EZ25_FUT_CME"),
        ("CLF26 2025-11-20", "CLF26_FUT_CME"),
        ("btc-perp", "BTC-PERP"),
        ("FDAXZ25", "FDAXZ25"),
        ("ES", "ES"),
        (" AAPL ", "AAPL"),
    ],
)
def test_a_contract_we_know_gets_our_name_and_anything_else_keeps_its_own(written: str, listed: str) -> None:
    assert listed_symbol(written, 2025) == listed


def test_a_year_of_one_digit_is_the_nearest() -> None:
    assert listed_symbol("ESH1", 2029) == "ESH31_FUT_CME"
    assert listed_symbol("ESZ9", 2021) == "ESZ19_FUT_CME"


def test_a_known_contract_has_the_facts_of_its_product_whatever_the_day() -> None:
    contract = replayed_contract("MESZ19_FUT_CME", Facts())
    assert (contract.root, contract.tick_size, contract.tick_value) == ("MES", D("0.25"), D("1.25"))
    assert contract.expiry == date(2019, 12, 20)


def test_a_month_outside_of_the_cycle_is_listed_without_a_last_day() -> None:
    contract = replayed_contract("GCV25_FUT_CME", Facts())
    assert (contract.symbol, contract.tick_size, contract.expiry) == ("GCV25_FUT_CME", D("0.10"), None)


def test_what_is_told_goes_before_what_is_known() -> None:
    contract = replayed_contract("BTC-PERP", Facts(D("0.1"), D("0.1")))
    assert (contract.tick_size, contract.tick_value, contract.price_format) == (D("0.1"), D("0.1"), 1)
    assert contract.currency == "USD"


def test_an_unknown_symbol_needs_its_facts_and_gets_them() -> None:
    with pytest.raises(ConfigurationError, match=r"FDAXZ25 is none of ES.*--tick-size --tick-value --currency"):
        replayed_contract("FDAXZ25", Facts())
    with pytest.raises(ConfigurationError, match=r"with --currency\.$"):
        replayed_contract("FDAXZ25", Facts(D(1), D(25)))
    contract = replayed_contract("FDAXZ25", EUREX)
    assert (contract.symbol, contract.root, contract.currency) == ("FDAXZ25", "FDAXZ25", "EUR")
    assert (contract.tick_size, contract.tick_value, contract.price_format) == (D("0.5"), D("12.5"), 1)
    assert (contract.margin, contract.expiry, contract.rolls) == (D(0), None, None)


@pytest.mark.parametrize("size", ["0", "-1", "nan", "inf"])
def test_facts_of_no_contract_are_refused(size: str) -> None:
    with pytest.raises(ConfigurationError, match=r"tick size of .* expected more than 0"):
        Facts(D(size))
    with pytest.raises(ConfigurationError, match=r"tick value of .* expected more than 0"):
        Facts(None, D(size))
    with pytest.raises(ConfigurationError, match=r"Currency CHF .* expected USD or EUR"):
        Facts(currency="CHF")
