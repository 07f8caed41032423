"""What an export holds: the columns of a table as they lie in the database, and beside them what a screen shows.

A column of the database keeps its name and its exact text, with two exceptions: a time becomes two columns, `…_utc` as
stored and `…_local` in the zone of the product's exchange with its offset, and behind a price stands `…_text`, the
price as its product is quoted. `zone` names the zone of the local times. A new column of a table is exported by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from sqlalchemy import Column as TableColumn
from sqlalchemy import Integer, Table

from core.sheet import Column, Kind, Value
from data.export.words import Words
from data.schema import AUDIT_EVENT, FILL_RECORD, ORDER_RECORD, TRADE_RECORD
from data.types import DecimalText, UtcDateTime

Stored = Sequence[Value]
Make = Callable[[Stored], Value]


class What(Enum):
    """What can be exported."""

    TRADES = "trades"
    FILLS = "fills"
    ORDERS = "orders"
    AUDIT = "audit"


@dataclass(frozen=True)
class Source:
    """Where an export comes from.

    Attributes:
        order: the column that gives the order of the rows.
        moment: the SQL of the time a row belongs to.
        prices, averages: columns whose text on screen follows; averages have more digits between ticks.
    """

    table: Table
    order: str
    moment: str
    prices: frozenset[str] = frozenset()
    averages: frozenset[str] = frozenset()


SOURCES: Final[Mapping[What, Source]] = {
    What.TRADES: Source(
        TRADE_RECORD,
        "id",
        "exit_time",
        averages=frozenset({"entry_price", "exit_price", "entry_vwap", "entry_poc", "exit_vwap", "exit_poc"}),
    ),
    What.FILLS: Source(FILL_RECORD, "id", "coalesce(fill_time, received_at)", prices=frozenset({"price"})),
    What.ORDERS: Source(ORDER_RECORD, "id", "created_at", prices=frozenset({"price", "trigger_price"})),
    What.AUDIT: Source(AUDIT_EVENT, "sequence", "time"),
}


def planned(source: Source, words: Words) -> list[tuple[Column, Make]]:
    """Return the columns of an export and how each is made from a stored row."""
    names = [column.name for column in source.table.c]
    scope = tuple(names.index(name) if name in names else None for name in ("connection", "symbol"))
    plan = [part for index, column in enumerate(source.table.c) for part in _of(source, column, index, scope, words)]
    return [*plan, (Column("zone", Kind.WRITTEN), lambda row: words.zone_name(_symbol(row, scope)))]


def _of(
    source: Source, column: TableColumn[object], index: int, scope: tuple[int | None, ...], words: Words
) -> Iterator[tuple[Column, Make]]:
    """Yield what one column of the table becomes."""

    def stored(row: Stored) -> Value:
        return row[index]

    def local(row: Stored) -> Value:
        return words.local_time(row[index], _symbol(row, scope))

    def price(row: Stored) -> Value:
        return words.price(row[index], _connection(row, scope), _symbol(row, scope))

    def average(row: Stored) -> Value:
        return words.average(row[index], _connection(row, scope), _symbol(row, scope))

    name = column.name
    if isinstance(column.type, UtcDateTime):
        stem = name.removesuffix("_at")
        yield Column(f"{stem}_utc", Kind.TIME), stored
        yield Column(f"{stem}_local", Kind.WRITTEN), local
    elif isinstance(column.type, DecimalText):
        yield Column(name, Kind.NUMBER), stored
        if name in source.prices | source.averages:
            yield Column(f"{name}_text", Kind.WRITTEN), average if name in source.averages else price
    else:
        yield Column(name, Kind.WHOLE if isinstance(column.type, Integer) else Kind.TEXT), stored


def _connection(row: Stored, scope: tuple[int | None, ...]) -> str:
    return "" if scope[0] is None else str(row[scope[0]])


def _symbol(row: Stored, scope: tuple[int | None, ...]) -> str:
    return "" if scope[1] is None else str(row[scope[1]])
