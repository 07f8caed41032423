"""Everything the broker remembers, and which of it is not yet on the disk.

The broker changes values here while it handles one request and commits once before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from services.simulator.account_specs import AccountSpec
from services.simulator.accounts import (
    Account,
    Fill,
    Position,
    account_from_row,
    account_to_row,
    fill_from_row,
    fill_to_row,
    position_from_row,
    position_to_row,
)
from services.simulator.evaluation import Evaluation, evaluation_from_row, evaluation_to_row
from services.simulator.orders import Order, order_from_row, order_to_row
from services.simulator.ports import Batch, Row, SimulatorStore

Record = TypeVar("Record")
Key = str | tuple[str, str]
Value = tuple[str, str]


class Table(Generic[Record]):
    """Records of one kind by key, in the order of their first appearance, and what changed since a commit."""

    def __init__(self, key_of: Callable[[Record], Key], to_row: Callable[[Record], dict[str, str]]) -> None:
        self._key_of = key_of
        self._to_row = to_row
        self._records: dict[Key, Record] = {}
        self._changed: dict[Key, Record] = {}
        self._removed: dict[Key, Record] = {}

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def get(self, key: Key) -> Record | None:
        """Return the record of a key, None if there is none."""
        return self._records.get(key)

    def load(self, records: Iterator[Record]) -> None:
        """Take over stored records."""
        self._records = {self._key_of(record): record for record in records}

    def put(self, record: Record) -> Record:
        """Add or replace a record and return it."""
        key = self._key_of(record)
        self._records[key] = self._changed[key] = record
        self._removed.pop(key, None)
        return record

    def remove(self, record: Record) -> None:
        """Forget a record."""
        key = self._key_of(record)
        self._records.pop(key, None)
        self._changed.pop(key, None)
        self._removed[key] = record

    def take_changed(self) -> list[Row]:
        """Return the rows to write and consider them written."""
        rows: list[Row] = [self._to_row(record) for record in self._changed.values()]
        self._changed = {}
        return rows

    def take_removed(self) -> list[Row]:
        """Return the rows to delete and consider them deleted."""
        rows: list[Row] = [self._to_row(record) for record in self._removed.values()]
        self._removed = {}
        return rows


class Records:
    """The broker's tables. `values` holds counters and single facts as text.

    Attributes:
        active_us: when something last happened to an order, by account.
    """

    def __init__(self, store: SimulatorStore) -> None:
        self._store = store
        self.orders: Table[Order] = Table(lambda order: order.server_order_id, order_to_row)
        self.active_us: dict[str, int] = {}
        self._open: dict[str, Order] = {}
        self._by_client_id: dict[str, str] = {}
        self._children: dict[str, dict[str, None]] = {}
        self.fills: Table[Fill] = Table(lambda fill: fill.execution_id, fill_to_row)
        self.positions: Table[Position] = Table(lambda each: (each.account, each.symbol), position_to_row)
        self.accounts: Table[Account] = Table(lambda account: account.name, account_to_row)
        self.evaluations: Table[Evaluation] = Table(lambda each: each.account, evaluation_to_row)
        self.values: Table[Value] = Table(lambda pair: pair[0], lambda pair: {"name": pair[0], "value": pair[1]})
        self._load(store.load())

    def value(self, name: str, default: str = "") -> str:
        """Return a single stored fact."""
        pair = self.values.get(name)
        return default if pair is None else pair[1]

    def set_value(self, name: str, value: str) -> None:
        """Keep a single fact."""
        self.values.put((name, value))

    def next_number(self, name: str) -> int:
        """Count one further and return the new count; never falls, not even over a restart."""
        number = int(self.value(name, "0")) + 1
        self.set_value(name, str(number))
        return number

    def position(self, account: str, symbol: str) -> Position:
        """Return what an account holds of a symbol, flat if nothing was ever held."""
        return self.positions.get((account, symbol)) or Position(account, symbol)

    def put_order(self, order: Order) -> Order:
        """Add or replace an order and return it; a client id stays with the first order that used it."""
        if order.client_order_id:
            self._by_client_id.setdefault(order.client_order_id, order.server_order_id)
        if order.parent_id:
            self._children.setdefault(order.parent_id, {})[order.server_order_id] = None
        self.active_us[order.account] = max(order.updated_us, self.active_us.get(order.account, 0))
        if order.status.is_final:
            self._open.pop(order.server_order_id, None)
        else:
            self._open[order.server_order_id] = order
        return self.orders.put(order)

    def remove_order(self, order: Order) -> None:
        """Forget an order as if it had never been sent."""
        self._open.pop(order.server_order_id, None)
        if self._by_client_id.get(order.client_order_id) == order.server_order_id:
            del self._by_client_id[order.client_order_id]
        self.orders.remove(order)

    def open_orders(self, account: str = "") -> list[Order]:
        """Return the orders that can still trade, oldest first."""
        return [order for order in self._open.values() if account in ("", order.account)]

    def children(self, server_order_id: str) -> list[Order]:
        """Return the exits of an entry, in the order they were given."""
        found = (self.orders.get(each) for each in self._children.get(server_order_id, ()))
        return [each for each in found if each is not None]

    def order_named(self, client_order_id: str) -> Order | None:
        """Return the order of a client's id."""
        return self.orders.get(self._by_client_id.get(client_order_id, "")) if client_order_id else None

    def commit(self) -> None:
        """Write what changed, in one transaction.

        Raises:
            PersistenceError: nothing was written; what is in memory must not be told to anybody.
        """
        changed = {name: table.take_changed() for name, table in self._tables().items()}
        removed = {name: table.take_removed() for name, table in self._tables().items()}
        if any(changed.values()) or any(removed.values()):
            self._store.commit(_without_empty(changed), _without_empty(removed))

    def _tables(self) -> Mapping[str, AnyTable]:
        return {
            "orders": self.orders,
            "fills": self.fills,
            "positions": self.positions,
            "accounts": self.accounts,
            "evaluations": self.evaluations,
            "values": self.values,
        }

    def _load(self, stored: Batch) -> None:
        self.orders.load(order_from_row(row) for row in stored["orders"])
        self._by_client_id = {each.client_order_id: each.server_order_id for each in reversed(list(self.orders))}
        for each in self.orders:
            if each.parent_id:
                self._children.setdefault(each.parent_id, {})[each.server_order_id] = None
            self.active_us[each.account] = max(each.updated_us, self.active_us.get(each.account, 0))
        self._open = {each.server_order_id: each for each in self.orders if not each.status.is_final}
        self.fills.load(fill_from_row(row) for row in stored["fills"])
        self.positions.load(position_from_row(row) for row in stored["positions"])
        self.accounts.load(account_from_row(row) for row in stored["accounts"])
        self.evaluations.load(evaluation_from_row(row) for row in stored["evaluations"])
        self.values.load((row["name"], row["value"]) for row in stored["values"])


AnyTable = Table[Order] | Table[Fill] | Table[Position] | Table[Account] | Table[Evaluation] | Table[Value]


def open_accounts(records: Records, specs: Mapping[str, AccountSpec]) -> None:
    """Open the accounts that do not exist yet; those that do keep their money and their rules."""
    for name, spec in specs.items():
        if records.accounts.get(name) is not None:
            continue
        records.accounts.put(Account(name, spec.currency, spec.cash))
        if spec.evaluation is not None:
            records.evaluations.put(Evaluation(name, spec.evaluation, peak=spec.cash))


def _without_empty(rows: Mapping[str, list[Row]]) -> Batch:
    return {name: each for name, each in rows.items() if each}
