"""What is known of products and their contract months without asking a venue."""

import importlib.util
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.commission import root_of
from core.model.contract import (
    PRODUCTS,
    ContractMonth,
    Cycle,
    Product,
    front_month,
    last_day,
    month_of,
    open_months,
    product_of,
    roll_day,
    symbol_of,
)
from core.model.price_format import FRACTIONS, decimals
from core.model.session import AROUND_THE_CLOCK

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
CYCLES = {root: product.cycle for root, product in PRODUCTS.items() if product.cycle is not None}


def cycle(root: str) -> Cycle:
    return CYCLES[root]


@pytest.mark.parametrize(
    ("root", "point", "form"),
    [
        ("ES", 50, 2),
        ("MES", 5, 2),
        ("NQ", 20, 2),
        ("MNQ", 2, 2),
        ("RTY", 50, 1),
        ("YM", 5, 0),
        ("CL", 1000, 2),
        ("GC", 100, 1),
        ("ZN", 1000, 134),
        ("ZB", 1000, 132),
        ("6E", 125_000, 5),
        ("BTC-PERP", 1, 1),
        ("ETH-PERP", 1, 2),
    ],
)
def test_a_point_of_every_product_is_worth_what_its_exchange_says(root: str, point: int, form: int) -> None:
    product = PRODUCTS[root]
    assert product.tick_value / product.tick_size == point
    assert product.price_format == form
    assert product.currency == "USD"


def test_every_tick_can_be_written_in_its_form() -> None:
    for product in PRODUCTS.values():
        fraction = FRACTIONS.get(product.price_format)
        if fraction is None:
            assert decimals(product.tick_size) == product.price_format
        else:
            assert product.tick_size * fraction.denominator * fraction.parts == 1


@pytest.mark.parametrize(
    ("root", "day", "code"),
    [
        ("ES", date(2026, 12, 13), "Z26"),
        ("ES", date(2026, 12, 14), "H27"),
        ("ZN", date(2026, 11, 26), "Z26"),
        ("ZN", date(2026, 11, 27), "H27"),
        ("CL", date(2026, 11, 16), "Z26"),
        ("CL", date(2026, 11, 17), "F27"),
        ("GC", date(2026, 11, 27), "G27"),
        ("6E", date(2026, 12, 6), "Z26"),
        ("6E", date(2026, 12, 7), "H27"),
    ],
)
def test_the_front_month_changes_on_the_roll_day(root: str, day: date, code: str) -> None:
    assert front_month(cycle(root), day).code == code


@given(st.sampled_from(sorted(CYCLES)), DAYS)
def test_there_is_always_one_front_month_and_it_trades(root: str, day: date) -> None:
    months = cycle(root)
    front = front_month(months, day)
    assert day < roll_day(months, front) <= last_day(months, front)
    assert front <= front_month(months, day + timedelta(1))


@given(st.sampled_from(sorted(CYCLES)), DAYS)
def test_a_contract_that_rolled_stays_open_until_its_last_day(root: str, day: date) -> None:
    months = cycle(root)
    *rolled, front = open_months(months, day)
    assert front == front_month(months, day)
    assert all(roll_day(months, month) <= day <= last_day(months, month) for month in rolled)


def test_zn_of_december_can_be_traded_while_march_is_the_front_month() -> None:
    assert [month.code for month in open_months(cycle("ZN"), date(2026, 12, 1))] == ["Z26", "H27"]
    assert [month.code for month in open_months(cycle("ZN"), date(2026, 12, 22))] == ["H27"]


@given(st.sampled_from(sorted(CYCLES)), DAYS)
def test_a_symbol_says_its_product_and_month(root: str, day: date) -> None:
    front = front_month(cycle(root), day)
    symbol = symbol_of(PRODUCTS[root], front)
    assert product_of(symbol) is PRODUCTS[root]
    assert month_of(symbol) == front
    assert root_of(symbol) == root


def test_a_perpetual_is_its_own_symbol_and_never_ends() -> None:
    coin = PRODUCTS["BTC-PERP"]
    assert product_of(symbol_of(coin, None)) is coin
    assert month_of("BTC-PERP") is None
    assert coin.hours is AROUND_THE_CLOCK
    assert coin.quantity_step == Decimal("0.001")


@pytest.mark.parametrize("symbol", ["ES", "ESZ26", "XXZ26_FUT_CME", "ESZ6_FUT_CME", "", "BTC-PERPZ26_FUT_CME"])
def test_what_is_no_symbol_of_ours_has_no_product(symbol: str) -> None:
    assert product_of(symbol) is None
    assert month_of(symbol) is None


def test_a_month_outside_the_cycle_is_no_contract() -> None:
    assert month_of("ESX26_FUT_CME") is None
    assert month_of("CLX26_FUT_CME") == ContractMonth(2026, 11)


# Root: name, exchange, tick, its value, hours, months, smallest quantity; from the specifications.
FACTS = {
    "ES": ("E-mini S&P 500", "CME", "0.25", "12.50", "CME Globex equity index", "HMUZ", "1"),
    "MES": ("Micro E-mini S&P 500", "CME", "0.25", "1.25", "CME Globex equity index", "HMUZ", "1"),
    "NQ": ("E-mini Nasdaq-100", "CME", "0.25", "5.00", "CME Globex equity index", "HMUZ", "1"),
    "MNQ": ("Micro E-mini Nasdaq-100", "CME", "0.25", "0.50", "CME Globex equity index", "HMUZ", "1"),
    "RTY": ("E-mini Russell 2000", "CME", "0.10", "5.00", "CME Globex equity index", "HMUZ", "1"),
    "YM": ("E-mini Dow ($5)", "CBOT", "1", "5.00", "CME Globex equity index", "HMUZ", "1"),
    "CL": ("Crude Oil", "NYMEX", "0.01", "10.00", "CME Globex energy and metals", "FGHJKMNQUVXZ", "1"),
    "GC": ("Gold", "COMEX", "0.10", "10.00", "CME Globex energy and metals", "GJMQZ", "1"),
    "ZN": ("10-Year T-Note", "CBOT", "0.015625", "15.625", "CME Globex interest rate", "HMUZ", "1"),
    "ZB": ("U.S. Treasury Bond", "CBOT", "0.03125", "31.25", "CME Globex interest rate", "HMUZ", "1"),
    "6E": ("Euro FX", "CME", "0.00005", "6.25", "CME Globex FX", "HMUZ", "1"),
    "BTC-PERP": ("Bitcoin Perpetual", "CRYPTO", "0.5", "0.5", "Around the clock", "", "0.001"),
    "ETH-PERP": ("Ether Perpetual", "CRYPTO", "0.05", "0.05", "Around the clock", "", "0.01"),
}


def test_the_table_of_products_says_what_the_specifications_say() -> None:
    # Made anew, beside the one everybody uses.
    spec = importlib.util.find_spec("core.model.contract")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, Product] = dict(module.PRODUCTS)
    assert {root: facts(one) for root, one in made.items()} == FACTS
    assert all(one.root == root and one.price_format == PRODUCTS[root].price_format for root, one in made.items())


def facts(product: Product) -> tuple[str, ...]:
    months = "" if product.cycle is None else product.cycle.months
    numbers = (str(product.tick_size), str(product.tick_value))
    return (product.name, product.exchange, *numbers, product.hours.name, months, str(product.quantity_step))
