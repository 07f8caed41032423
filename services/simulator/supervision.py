"""Which accounts have to be stopped: the trading day of all of them, and the limits of those under evaluation.

It looks whenever a price of something such an account holds has changed, and after every fill, so what it finds does
not depend on how time is cut into steps. An account that holds something without a price yet is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from core.model.trading_day import day_start
from services.simulator.accounts import Account
from services.simulator.clearing import Clearing, Prices
from services.simulator.evaluation import Breach, Evaluation
from services.simulator.orders import Order, OrderStatus
from services.simulator.records import Records
from services.simulator.reports import Notice, Report

LIQUIDATION_TEXTS: Final = {
    Breach.DRAWDOWN: "Account liquidation: trailing drawdown reached",
    Breach.DAILY_LOSS: "Account liquidation: daily loss limit reached",
}
_FLOOR_TOLD_EVERY_US: Final = 1_000_000


class Supervision:
    """Keeps the day's beginning and the evaluations in the records; the broker carries out what follows.

    Attributes:
        due: something happened that calls for a look.
    """

    def __init__(self, records: Records, clearing: Clearing) -> None:
        self.due = True
        self._records = records
        self._clearing = clearing
        self._day_us = 0
        self._seen: dict[str, Decimal | None] = {}
        self._floor_told_us: dict[str, int] = {}

    def begin_day(self, now_us: int) -> int:
        """Begin the trading day a moment belongs to; return when the next one begins."""
        start = day_start(datetime.fromtimestamp(now_us / 1_000_000, UTC))
        self._day_us = int(start.timestamp()) * 1_000_000
        self.due = True
        next_start = day_start(start + timedelta(hours=25))  # with any change of the clocks on the next trading day
        return int(next_start.timestamp()) * 1_000_000

    def notice_price(self, symbol: str, last: Decimal | None) -> None:
        """Ask for a look if a new price of it is a reason to."""
        if symbol in self._seen and self._seen[symbol] != last:
            self._seen[symbol] = last
            self.due = True

    def look(self, last: Prices, now_us: int) -> list[Report]:
        """Begin the day of accounts that can be valued, move floors, lock what reached a limit; return what to tell."""
        self.due = False
        told: list[Report] = []
        for account in self._records.accounts:
            equity = self._clearing.equity(account, last)
            if equity is None:
                continue
            if account.day_us != self._day_us:
                told += self._begin_day_of(account, equity, last, now_us)
            evaluation = self._records.evaluations.get(account.name)
            if evaluation is not None and evaluation.locked is None:
                told += self._judge(evaluation, equity, last, now_us)
        self._seen = {symbol: last.get(symbol) for symbol in self._watched()}
        return told

    def locked(self) -> Iterator[tuple[Evaluation, str]]:
        """Yield the accounts that may hold nothing, and what their liquidation is called."""
        for each in self._records.evaluations:
            if each.locked is not None:
                yield each, LIQUIDATION_TEXTS[each.locked]

    def reset(self, account: Account, last: Prices, now_us: int) -> Report:
        """Begin an account anew: its first cash, no history of money, its evaluation as on the first day."""
        cash = account.opened_with
        fresh = Account(account.name, account.currency, cash, day_us=account.day_us, day_equity=cash)
        self._records.accounts.put(fresh)
        evaluation = self._records.evaluations.get(account.name)
        if evaluation is not None:
            self._records.evaluations.put(Evaluation(account.name, evaluation.rules, peak=cash))
        return self._clearing.statement(fresh, last, now_us)

    def _begin_day_of(self, account: Account, equity: Decimal, last: Prices, now_us: int) -> list[Report]:
        evaluation = self._records.evaluations.get(account.name)
        if evaluation is not None and evaluation.new_day() != evaluation:
            self._records.evaluations.put(evaluation.new_day())
        began = self._records.accounts.put(replace(account, day_us=self._day_us, day_equity=equity))
        return [self._clearing.statement(began, last, now_us)] if account.day_us else []

    def _judge(self, before: Evaluation, equity: Decimal, last: Prices, now_us: int) -> list[Report]:
        account = self._records.accounts.get(before.account)
        assert account is not None, f"the account {before.account} is under evaluation and does not exist"
        after = before.seen(equity)
        breach = after.breach(equity, account.day_equity)
        if breach is not None:
            after = after.lock(breach, account.day_equity, now_us)
        if after != before:
            self._records.evaluations.put(after)
        if breach is not None:
            text = f"{after.lock_text}. Working orders are cancelled and positions closed at the market."
            return [Notice(text), self._clearing.statement(account, last, now_us)]
        if after.floor == before.floor or now_us - self._floor_told_us.get(account.name, 0) < _FLOOR_TOLD_EVERY_US:
            return []
        self._floor_told_us[account.name] = now_us
        return [self._clearing.statement(account, last, now_us)]

    def _watched(self) -> set[str]:
        """Return what accounts under evaluation hold, and those whose day has to wait for a price."""
        waiting = {each.name for each in self._records.accounts if each.day_us != self._day_us}
        names = waiting | {each.account for each in self._records.evaluations}
        return {position.symbol for name in names for position in self._clearing.positions(name)}


def is_liquidation(order: Order) -> bool:
    """Whether an order is the broker's own, to close what a locked account holds."""
    return not order.client_order_id and order.free_text in LIQUIDATION_TEXTS.values()


def is_at_exchange(order: Order) -> bool:
    """Whether an order works; one still on its way is judged when it arrives."""
    return order.status is not OrderStatus.PENDING and not order.status.is_final
