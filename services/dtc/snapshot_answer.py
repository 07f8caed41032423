"""From the complete answers of a broker to one snapshot in our words.

A refusal of fills or positions makes that whole part None: unknown, not empty. A refused balance is left out. Refused
orders, or a row that cannot be read among accounts, orders or positions, spoil the snapshot: from a list with a hole
nothing may be concluded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from core.broker_report import BrokerSnapshot
from core.model.fill import Fill
from core.model.scope import AccountKey, Balance, PositionKey
from services.dtc.batch import Batch
from services.dtc.messages.accounts import AccountBalanceUpdate, TradeAccountResponse
from services.dtc.messages.base import Message
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate, PositionUpdate
from services.dtc.refusal import Refused
from services.dtc.translate import Translator

WIRE_TIME_GRAIN = timedelta(seconds=1)  # 304 tells the time of a fill in whole seconds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One question and its answers.

    Attributes:
        name: what is asked for, in words.
        account: whose; empty for all.
    """

    name: str
    request: Message
    batch: Batch
    account: str = ""


def read_snapshot(
    steps: Sequence[Step], translator: Translator, since: datetime, asked_at: datetime, completed_at: datetime
) -> BrokerSnapshot:
    """Return what the complete steps say.

    Raises:
        Refused: a part without which the rest means nothing was refused or cannot be read; says which.
    """
    notes: list[str] = []
    accounts = _rows(_of(steps, TradeAccountResponse), lambda message, _: translator.account(message))
    if _refused(_of(steps, OrderUpdate), translator, notes):
        raise Refused(notes[-1])
    orders = _rows(_of(steps, OrderUpdate), translator.order)
    positions = _of(steps, PositionUpdate)
    history = _of(steps, HistoricalOrderFillResponse)
    balances = _balances(_of(steps, AccountBalanceUpdate), translator, notes)
    currencies = {key: balance.currency for key, balance in balances}
    unread: set[PositionKey] = set()
    return BrokerSnapshot(
        asked_at=asked_at,
        completed_at=completed_at,
        fills_since=since,
        accounts=tuple(replace(one, currency=currencies.get(one.key, "")) for one in accounts),
        balances=balances,
        orders=orders,
        positions=None if _refused(positions, translator, notes) else _rows(positions, translator.position),
        fills=None if _refused(history, translator, notes) else _fills(history, translator, since, notes, unread),
        note=" ".join(notes),
        unread=frozenset(unread),
    )


def symbols_of(steps: Iterable[Step]) -> set[str]:
    """Return every symbol whose prices the answers state."""
    kinds = (OrderUpdate, PositionUpdate, HistoricalOrderFillResponse)
    rows = (row for step in steps if step.batch.kind in kinds for row in step.batch.rows)
    return {row.message.Symbol for row in rows if row.message.Symbol}


def _of(steps: Iterable[Step], kind: type[Message]) -> list[Step]:
    return [step for step in steps if step.batch.kind is kind]


def _refused(steps: Iterable[Step], translator: Translator, notes: list[str]) -> bool:
    refused = [step for step in steps if step.batch.refused is not None]
    for step in refused:
        words = translator.masked(step.batch.refused or "")
        notes.append(f"The broker refused to tell {translator.masked(step.name)}: {words}.")
    return bool(refused)


def _rows(steps: Iterable[Step], read: Callable[[Any, datetime], T]) -> tuple[T, ...]:
    values: list[T] = []
    for step in steps:
        for message, at in step.batch.rows:
            try:
                values.append(read(message, at))
            except Refused as refusal:
                raise Refused(f"A row of {step.name} cannot be read: {refusal}.") from None
    return tuple(values)


def _fills(
    steps: Iterable[Step], translator: Translator, since: datetime, notes: list[str], unread: set[PositionKey]
) -> tuple[Fill, ...]:
    """Return the readable fills of the window, oldest first; those of one second stay in the broker's order.

    Args:
        unread: takes the scopes of those that cannot be read.
    """
    fills: list[Fill] = []
    left_out = 0
    for step in steps:
        for message, at in step.batch.rows:
            try:
                fills.append(translator.fill(message, at))
            except Refused as refusal:
                translator.refusals.note(message, str(refusal))
                left_out += 1
                unread.add(PositionKey(translator.connection, message.TradeAccount, message.Symbol))
    if left_out:
        notes.append(f"{left_out} fills of the broker's list could not be read and are left out.")
    window = [fill for fill in fills if fill.fill_time is None or fill.fill_time >= since - WIRE_TIME_GRAIN]
    return tuple(sorted(window, key=lambda fill: fill.time))


def _balances(
    steps: Iterable[Step], translator: Translator, notes: list[str]
) -> tuple[tuple[AccountKey, Balance], ...]:
    """Return the money of each account once; a server that ignores whose was asked for tells everybody's each time."""
    steps = list(steps)
    _refused(steps, translator, notes)
    balances: dict[AccountKey, Balance] = {}
    for step in steps:
        if step.batch.refused is not None:
            continue
        for message, at in step.batch.rows:
            try:
                key, balance = translator.balance(message, at, step.account if len(steps) == 1 else "")
            except Refused as refusal:
                translator.refusals.note(message, str(refusal))
                continue
            balances[key] = balance
    return tuple(balances.items())
