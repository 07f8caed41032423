"""Small builders for the simulator's tests: books, prints, orders, a broker with a memory in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from services.simulator.account_specs import DEFAULT_ACCOUNTS
from services.simulator.accounts import DEFAULT_FEES
from services.simulator.broker import SimulatedBroker
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.orders import Order, OrderKind, OrderStatus, Side, TimeInForce
from services.simulator.ports import Batch, BookChanged, Level, MarketEvent, Row, StatusChanged, Traded, VenueEvent
from services.simulator.records import Records, open_accounts
from services.simulator.requests import NewOrder, NewPair

DAY = date(2026, 11, 23)
ES, MES = (contract.symbol for contract in listed_contracts(DAY)[:2])
D = Decimal


class MemoryStore:
    """A store that keeps committed rows in dicts, and can be told to fail."""

    _KEYS: Mapping[str, tuple[str, ...]] = {
        "orders": ("server_order_id",),
        "fills": ("execution_id",),
        "positions": ("account", "symbol"),
        "accounts": ("name",),
        "evaluations": ("account",),
        "values": ("name",),
    }

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, ...], Row]] = {name: {} for name in self._KEYS}
        self.commits = 0

    def load(self) -> Batch:
        return {name: list(rows.values()) for name, rows in self.tables.items()}

    def commit(self, changed: Batch, removed: Batch) -> None:
        self.commits += 1
        for name, rows in changed.items():
            self.tables[name].update({self._key(name, row): dict(row) for row in rows})
        for name, rows in removed.items():
            for row in rows:
                self.tables[name].pop(self._key(name, row), None)

    def close(self) -> None:
        """Nothing to release."""

    def _key(self, table: str, row: Row) -> tuple[str, ...]:
        return tuple(row[key] for key in self._KEYS[table])


def contracts() -> tuple[Contract, ...]:
    """ES and MES: what most tests need, and quick."""
    return listed_contracts(DAY)[:2]


def trading(events: Sequence[VenueEvent]) -> list[MarketEvent]:
    """Leave out what a market says of its hours."""
    return [event for event in events if not isinstance(event, StatusChanged)]


def levels(best: str, sizes: Sequence[int], step: str) -> tuple[Level, ...]:
    return tuple((D(best) + i * D(step), D(size)) for i, size in enumerate(sizes))


def book(
    bid: str = "6500.00",
    ask: str = "6500.25",
    bids: Sequence[int] = (10, 20, 30),
    asks: Sequence[int] = (10, 20, 30),
    at_us: int = 0,
    symbol: str = ES,
    last: str = "6500.00",
) -> BookChanged:
    return BookChanged(symbol, at_us, levels(bid, bids, "-0.25"), levels(ask, asks, "0.25"), D(last))


def trade(price: str, size: int, aggressor: Side, at_us: int = 0, symbol: str = ES) -> Traded:
    return Traded(symbol, at_us, D(price), D(size), aggressor)


def order(
    name: str = "1",
    side: Side = Side.BUY,
    quantity: int = 1,
    limit: str | None = None,
    stop: str | None = None,
    sequence: int = 1,
    time_in_force: TimeInForce = TimeInForce.DAY,
) -> Order:
    return Order(
        server_order_id=name,
        client_order_id=f"C{name}",
        account="Sim1",
        symbol=ES,
        side=side,
        kind=_kind(limit, stop),
        quantity=D(quantity),
        limit_price=None if limit is None else D(limit),
        stop_price=None if stop is None else D(stop),
        time_in_force=time_in_force,
        status=OrderStatus.WORKING,
        sequence=sequence,
    )


def new_order(
    client_order_id: str = "C1",
    side: Side = Side.BUY,
    quantity: str | int = 1,
    limit: str | None = None,
    stop: str | None = None,
    account: str = "Sim1",
    symbol: str = ES,
    time_in_force: TimeInForce = TimeInForce.DAY,
    expires_us: int = 0,
) -> NewOrder:
    return NewOrder(
        client_order_id,
        account,
        symbol,
        side,
        _kind(limit, stop),
        D(quantity),
        None if limit is None else D(limit),
        None if stop is None else D(stop),
        time_in_force,
        expires_us,
    )


def broker(store: MemoryStore, latency_us: int = 0, with_book: bool = True) -> SimulatedBroker:
    records = Records(store)
    open_accounts(records, DEFAULT_ACCOUNTS)
    records.set_value("venue", "T1")
    made = SimulatedBroker(contracts(), records, DEFAULT_FEES, latency_us)
    if with_book:
        made.on_events([book(), book(symbol=MES)])
    return made


def _kind(limit: str | None, stop: str | None) -> OrderKind:
    if stop is not None:
        return OrderKind.STOP if limit is None else OrderKind.STOP_LIMIT
    return OrderKind.MARKET if limit is None else OrderKind.LIMIT


def exits(
    stop: str = "6490.00",
    target: str = "6510.00",
    quantity: int = 1,
    side: Side = Side.SELL,
    cancels_linked: bool = False,
    names: str = "ST",
    account: str = "Sim1",
) -> NewPair:
    """A stop S and a target T, by default those of something bought."""
    return NewPair(
        new_order(names[0], side, quantity, stop=stop, account=account),
        new_order(names[1], side, quantity, limit=target, account=account),
        cancels_linked,
    )
