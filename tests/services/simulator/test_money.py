"""The money of every account adds up, in its own currency, whatever happens."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from core.errors import ConfigurationError
from services.simulator.account_specs import AccountSpec, convert
from services.simulator.accounts import DEFAULT_FEES, Account
from services.simulator.broker import SimulatedBroker
from services.simulator.clearing import Clearing
from services.simulator.orders import Side
from services.simulator.records import Records, open_accounts
from services.simulator.reports import OrderReport, Report, Statement, Why
from services.simulator.requests import Change, NewOrder, OrderName
from services.simulator.settings import SimulatorSettings
from services.simulator.wire import balance_update
from tests.services.simulator.venue import ES, MES, D, MemoryStore, book, broker, contracts, new_order

RATE = D("1.16")
ACCOUNTS = {"Sim1": "USD", "Sim2": "USD", "Eval50K": "USD", "EurSim": "EUR"}


def statements(reports: list[Report]) -> list[Statement]:
    return [each for each in reports if isinstance(each, Statement)]


def at(venue: SimulatedBroker, last: str, at_us: int = 0) -> list[Report]:
    ask = str(D(last) + D("0.25"))
    return venue.on_events([book(last, ask, last=last, symbol=symbol, at_us=at_us) for symbol in (ES, MES)])


def random_order(random: Random, name: str, account: str, prices: dict[str, Decimal]) -> NewOrder:
    side, symbol = random.choice(list(Side)), random.choice((ES, MES))
    away = D("0.25") * random.randint(-8, 8)
    limit = str(prices[symbol] + away) if random.random() < 0.6 else None
    return new_order(name, side, random.randint(1, 4), limit, account=account, symbol=symbol)


@pytest.mark.parametrize("seed", range(4))
def test_cash_moves_by_what_was_realized_less_commissions_in_each_account(seed: int) -> None:
    random, bid, now_us = Random(seed), D(6500), 0
    venue = broker(MemoryStore(), latency_us=30_000)
    before = {each.name: each for each in venue.records.accounts}
    for turn in range(600):
        bid, now_us = bid + D("0.25") * random.randint(-3, 3), now_us + random.randint(1, 50_000)
        reports = at(venue, str(bid), now_us)
        account = random.choice(list(ACCOUNTS))
        reports += venue.submit(random_order(random, f"C{turn}", account, venue.last_prices()), now_us)
        older = OrderName("", f"C{random.randrange(turn + 1)}")
        if random.random() < 0.5:
            reports += venue.cancel(older, now_us)
        elif random.random() < 0.5:
            reports += venue.replace(older, Change(quantity=D(random.randint(1, 6))), now_us)
        for told in statements(reports):
            after, last = told.account, before[told.account.name]
            moved = after.realized - last.realized - (after.commissions - last.commissions)
            assert after.cash - last.cash == moved
            before[after.name] = after
    assert {each.name: each.currency for each in venue.records.accounts} == ACCOUNTS
    for booked in venue.records.accounts:
        assert booked.opened_with == (50_000 if booked.name in ("Eval50K", "EurSim") else 100_000)
        _agrees_with_its_fills(booked, venue.records)


def _agrees_with_its_fills(account: Account, records: Records) -> None:
    fills = [each for each in records.fills if each.account == account.name]
    assert len(fills) >= 10
    assert sum(each.commission for each in fills) == account.commissions
    worth = Fraction(0)
    worth += sum(Fraction(-each.side.sign * each.quantity * each.price * _point(each.symbol)) for each in fills)
    held = [each for each in records.positions if each.account == account.name]
    worth += sum(Fraction(each.cost * _point(each.symbol)) for each in held)
    off = abs(Fraction(account.realized) - (worth / Fraction(RATE) if account.currency == "EUR" else worth))
    assert off <= len(fills) * (Fraction(1, 200) if account.currency == "EUR" else Fraction(1, 10**8))


def _point(symbol: str) -> int:
    return 50 if symbol == ES else 5


def test_a_trade_in_dollars_comes_to_a_euro_account_at_the_rate() -> None:
    venue = broker(MemoryStore())
    venue.submit(new_order("C1", account="EurSim"), 1)
    bought = statements(venue.submit(new_order("C2", account="EurSim"), 1))[-1]
    assert bought.account.commissions == 2 * D("1.94")  # 2.25 USD
    assert bought.margin == D("4310.34")  # 5000 USD
    reports = at(venue, "6510.00")
    reports += venue.submit(new_order("C3", Side.SELL, 2, account="EurSim"), 2)
    sold = statements(reports)[-1].account
    assert sold.realized == D("840.52")  # 975 USD
    assert sold.cash == 50_000 + D("840.52") - 2 * D("1.94") - D("3.88")
    assert sold.currency == "EUR"


def test_a_euro_account_is_told_in_euro() -> None:
    venue = broker(MemoryStore())
    venue.submit(new_order("C1", account="EurSim"), 1)
    told = balance_update(statements(at(venue, "6510.00") + venue.submit(new_order("C2", account="EurSim"), 2))[-1])
    assert (told.AccountCurrency, told.CashBalance) == ("EUR", 49_996.12)
    assert told.OpenPositionsProfitLoss == 409.48  # 475 USD


def test_the_message_of_an_account_under_evaluation_carries_its_figures_and_its_limits() -> None:
    venue = broker(MemoryStore())
    venue.submit(new_order("C1", quantity=2, account="Eval50K"), 1_000_000)
    venue.submit(new_order("C2", limit="6490.00", account="Eval50K"), 2_000_000)
    at(venue, "6505.00", 3_000_000)
    evaluated = next(each for each in venue.records.accounts if each.name == "Eval50K")
    told = balance_update(venue.statement(evaluated), unsolicited=True)
    assert (told.CashBalance, told.SecuritiesValue, told.OpenPositionsProfitLoss) == (49_995.5, 50_470.5, 475.0)
    assert (told.DailyProfitLoss, told.DailyNetLossLimit, told.DailyNetLossLimitReached) == (470.5, 1_000.0, 0)
    assert (told.TrailingAccountValueToLimitPositions, told.IsUnderRequiredAccountValue) == (48_470.5, 0)
    assert (told.MarginRequirement, told.MarginRequirementFull) == (7_500.0, 7_500.0)
    assert (told.MarginRequirementFullPositionsOnly, told.IsUnderRequiredMargin) == (5_000.0, 0)
    assert told.BalanceAvailableForNewPositions == 42_970.5
    assert (told.TradingIsDisabled, told.InfoText) == (0, "")
    assert told.Description == "Evaluation: trailing drawdown 2,000.00, daily loss 1,000.00, 5 contracts"
    assert (told.TransactionDateTime, told.LastOrderActivityDateTime) == (3_000_000, 2_000_000)
    at(venue, "6450.00", 4_000_000)
    lost = balance_update(venue.statement(next(each for each in venue.records.accounts if each.name == "Eval50K")))
    assert (lost.TradingIsDisabled, lost.IsUnderRequiredAccountValue, lost.MarginRequirement) == (1, 1, 0.0)
    assert lost.InfoText == "Account Eval50K is locked: trailing drawdown 48,470.50 reached at 1970-01-01 00:00 UTC"


def test_margin_is_compared_in_the_currency_of_the_account() -> None:
    venue = broker(MemoryStore())
    (let_in,) = venue.submit(new_order("C1", quantity=23, limit="6400.00", account="EurSim"), 1)
    (refused,) = venue.submit(new_order("C2", quantity=1, limit="6400.00", account="EurSim"), 1)
    assert isinstance(let_in, OrderReport) and let_in.why is Why.ACCEPTED
    assert isinstance(refused, OrderReport)
    assert refused.text == "Margin 51724.14 is more than the account value 50000.00 EUR"


def test_money_keeps_eight_digits_in_its_own_currency_and_cents_in_another() -> None:
    rates = {"EUR": RATE, "CHF": D("1.25")}
    assert str(convert(D("15.625"), "USD", "USD", rates)) == "15.625"
    assert convert(D(10) / 3, "USD", "USD", rates) == D("3.33333333")
    assert convert(D("1.16"), "USD", "EUR", rates) == D("1.00")
    assert convert(D(100), "EUR", "USD", rates) == D("116.00")
    assert convert(D(100), "EUR", "CHF", rates) == D("92.80")
    assert convert(D("-2.25"), "USD", "EUR", rates) == D("-1.94")


def test_an_account_in_a_currency_without_a_rate_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="Zen is in KRW"):
        SimulatorSettings(Path(), accounts={"Zen": AccountSpec(D(1), "KRW")})
    with pytest.raises(ConfigurationError, match="rate of 0 or less"):
        SimulatorSettings(Path(), rates={"EUR": D(0)})
    records = Records(MemoryStore())
    open_accounts(records, {"Zen": AccountSpec(D(1), "KRW")})
    with pytest.raises(ConfigurationError, match="Account Zen is in KRW; expected one of USD, EUR"):
        Clearing({}, records, DEFAULT_FEES, {"EUR": RATE})


def test_a_contract_in_a_currency_without_a_rate_is_refused_at_the_start_and_not_at_its_first_fill() -> None:
    won = replace(contracts()[0], currency="KRW")
    with pytest.raises(ConfigurationError, match=f"Contract {ES} is in KRW"):
        Clearing({ES: won}, Records(MemoryStore()), DEFAULT_FEES, {"EUR": RATE})


def test_contracts_in_two_currencies_come_to_one_account_each_at_its_rate() -> None:
    records = Records(MemoryStore())
    open_accounts(records, {"Sim1": AccountSpec(D(100_000))})
    es, mes = contracts()
    venue = SimulatedBroker([es, replace(mes, currency="EUR")], records, {}, rates={"EUR": RATE})
    at(venue, "6500.00")
    for symbol in (ES, MES):
        venue.submit(new_order(symbol, symbol=symbol), 1)
    at(venue, "6510.00")
    (told,) = [venue.statement(each) for each in records.accounts]
    assert told.open_profit == D("487.50") + D("48.75") * RATE
    assert told.margin == es.margin + mes.margin * RATE


def test_an_old_store_keeps_its_accounts_and_gains_the_new_ones() -> None:
    store = MemoryStore()
    old = {"currency": "USD", "realized": "0", "commissions": "0", "day_us": "0", "day_equity": "0"}
    store.commit({"accounts": [{**old, "name": "Sim1", "cash": "12345.67"}, {**old, "name": "Mine", "cash": "1"}]}, {})
    venue = broker(store)
    cash = {each.name: each.cash for each in venue.records.accounts}
    assert cash == {"Sim1": D("12345.67"), "Mine": D(1), "Sim2": D(100_000), "Eval50K": D(50_000), "EurSim": D(50_000)}
    assert [each.account for each in venue.records.evaluations] == ["Eval50K"]
