"""The listed contracts carry their true facts."""

from datetime import date, timedelta
from decimal import Decimal

from core.model.contract import PRODUCTS
from services.simulator.accounts import DEFAULT_FEES
from services.simulator.contracts import CHARACTERS, listed_contracts

DAY = date(2026, 11, 23)


def test_the_front_month_of_every_product_is_listed_and_es_comes_first() -> None:
    assert [each.symbol for each in listed_contracts(DAY)] == [
        "ESZ26_FUT_CME",
        "MESZ26_FUT_CME",
        "NQZ26_FUT_CME",
        "MNQZ26_FUT_CME",
        "RTYZ26_FUT_CME",
        "YMZ26_FUT_CME",
        "CLF27_FUT_CME",
        "GCZ26_FUT_CME",
        "ZNZ26_FUT_CME",
        "ZBZ26_FUT_CME",
        "6EZ26_FUT_CME",
        "BTC-PERP",
        "ETH-PERP",
    ]


def test_es_and_mes_are_listed_with_their_tick_values() -> None:
    es, mes, *_ = listed_contracts(DAY)
    assert (es.symbol, es.tick_size, es.tick_value) == ("ESZ26_FUT_CME", Decimal("0.25"), Decimal("12.50"))
    assert (mes.symbol, mes.tick_size, mes.tick_value) == ("MESZ26_FUT_CME", Decimal("0.25"), Decimal("1.25"))
    assert es.description == "E-mini S&P 500 Dec 2026"
    assert (es.expiry, es.rolls) == (date(2026, 12, 18), date(2026, 12, 14))


def test_every_product_has_a_market_a_margin_and_a_fee() -> None:
    assert set(CHARACTERS) == set(PRODUCTS) == set(DEFAULT_FEES)
    for contract in listed_contracts(DAY):
        character = contract.character
        assert character.opens_at % contract.tick_size == 0
        assert contract.margin > 0
        assert character.lot % contract.quantity_step == 0
        assert sum(weight * weight for weight in character.loadings.values()) <= 1


def test_a_perpetual_never_ends() -> None:
    coin = listed_contracts(DAY)[-2]
    assert (coin.symbol, coin.expiry, coin.rolls, coin.quantity_step) == ("BTC-PERP", None, None, Decimal("0.001"))


def test_a_contract_that_rolled_is_listed_behind_the_front_months_until_its_last_day() -> None:
    last = date(2026, 12, 21)
    assert [each.symbol for each in listed_contracts(last)][13:] == [
        "CLF27_FUT_CME",
        "GCZ26_FUT_CME",
        "ZNZ26_FUT_CME",
        "ZBZ26_FUT_CME",
    ]
    assert [each.symbol for each in listed_contracts(last + timedelta(1))][13:] == ["GCZ26_FUT_CME"]


def test_an_older_contract_stays_listed_while_somebody_holds_it() -> None:
    symbols = [each.symbol for each in listed_contracts(date(2027, 1, 4), also=["MESZ26_FUT_CME", "ESH27_FUT_CME"])]
    assert symbols[:2] == ["ESH27_FUT_CME", "MESH27_FUT_CME"]
    assert symbols[13:] == ["MESZ26_FUT_CME"]


def test_a_symbol_that_is_no_contract_of_ours_is_not_listed() -> None:
    also = ["XXZ26_FUT_CME", "ESZ26", "", "ES_FUT_CME", "ESX26_FUT_CME", "DOGE-PERP"]
    assert len(listed_contracts(DAY, also)) == 13


def test_a_price_multiplier_belongs_to_a_root() -> None:
    es, mes, *_ = listed_contracts(DAY, price_multipliers={"ES": Decimal("0.01")})
    assert (es.price_multiplier, mes.price_multiplier) == (Decimal("0.01"), Decimal(1))
