"""When an answer in numbered parts is complete, and when nothing may be concluded."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from services.dtc.batch import Batch
from services.dtc.messages.accounts import AccountBalanceReject, AccountBalanceUpdate, TradeAccountResponse
from services.dtc.messages.base import Message
from services.dtc.messages.trading import (
    CurrentPositionsReject,
    HistoricalOrderFillResponse,
    OpenOrdersReject,
    OrderUpdate,
    PositionUpdate,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)
EMPTY = PositionUpdate(RequestID=7, TotalNumberMessages=1, MessageNumber=1, NoPositions=1)


def part(number: int, total: int = 3, quantity: float = 1.0) -> PositionUpdate:
    return PositionUpdate(RequestID=7, TotalNumberMessages=total, MessageNumber=number, Quantity=quantity)


def fed(*messages: Message) -> Batch:
    batch = Batch(7, PositionUpdate)
    for message in messages:
        batch.add(message, AT)
    return batch


def numbers(batch: Batch) -> list[int]:
    return [row.message.MessageNumber for row in batch.rows]


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_all_parts_in_any_order_are_complete_and_in_the_servers_order(order: tuple[int, ...]) -> None:
    batch = fed(*map(part, order))
    assert batch.complete
    assert numbers(batch) == [1, 2, 3]


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_a_missing_part_leaves_it_incomplete(missing: int) -> None:
    assert not fed(*(part(number) for number in (1, 2, 3) if number != missing)).complete


def test_nothing_is_incomplete() -> None:
    assert not fed().complete


def test_a_repeated_part_counts_once() -> None:
    batch = fed(part(1), part(1), part(2), part(3), part(3))
    assert batch.complete
    assert len(batch.rows) == 3


def test_a_total_that_changes_midway_begins_anew() -> None:
    batch = fed(part(1, 2), part(2, 3))
    assert not batch.complete
    batch.add(part(3, 3), AT)
    assert not batch.complete
    batch.add(part(1, 3), AT)
    assert batch.complete


def test_a_number_with_other_contents_begins_anew() -> None:
    batch = fed(part(1, 2), part(2, 2))
    batch.add(part(1, 2, quantity=5.0), AT)
    assert not batch.complete
    batch.add(part(2, 2), AT)
    assert [row.message.Quantity for row in batch.rows] == [5.0, 1.0]


def test_an_empty_answer_is_complete_without_rows() -> None:
    batch = fed(EMPTY)
    assert batch.complete
    assert batch.rows == ()


def test_an_empty_answer_after_the_rows_is_the_newest_complete_one() -> None:
    batch = fed(part(1, 1), EMPTY)
    assert batch.complete
    assert batch.rows == ()


def test_rows_after_an_empty_answer_win_once_they_are_complete() -> None:
    batch = fed(EMPTY, part(1, 2))
    assert not batch.complete
    batch.add(part(2, 2), AT)
    assert batch.complete
    assert numbers(batch) == [1, 2]


def test_an_orphan_behind_an_empty_answer_proves_nothing() -> None:
    assert not fed(part(1, 2), EMPTY, part(2, 2)).complete


@pytest.mark.parametrize(("number", "total"), [(0, 0), (1, 0), (0, 1), (2, 1), (-1, 1), (1, 10**6)])
def test_parts_that_are_not_numbered_are_never_complete(number: int, total: int) -> None:
    assert not fed(part(number, total)).complete


def test_a_lone_balance_may_go_without_numbers() -> None:
    batch = Batch(7, AccountBalanceUpdate)
    batch.add(AccountBalanceUpdate(RequestID=7, CashBalance=1.0), AT)
    assert batch.complete


@pytest.mark.parametrize(
    ("kind", "empty"),
    [
        (OrderUpdate, OrderUpdate(NoOrders=1)),
        (HistoricalOrderFillResponse, HistoricalOrderFillResponse(NoOrderFills=1)),
        (AccountBalanceUpdate, AccountBalanceUpdate(NoAccountBalances=1)),
        (TradeAccountResponse, TradeAccountResponse(TotalNumberMessages=1, MessageNumber=1)),
    ],
)
def test_every_kind_can_say_that_there_is_nothing(kind: type[Message], empty: Message) -> None:
    batch = Batch(7, kind)
    batch.add(empty, AT)
    assert batch.complete
    assert batch.rows == ()


def test_a_refusal_ends_it_with_the_servers_words() -> None:
    batch = fed(CurrentPositionsReject(RequestID=7, RejectText="no"))
    assert batch.complete
    assert batch.refused == "no"


def test_only_what_echoes_the_request_belongs_and_a_refusal_may_forget_to() -> None:
    batch = Batch(7, PositionUpdate)
    assert batch.belongs(part(1))
    assert not batch.belongs(PositionUpdate(RequestID=0))
    assert not batch.belongs(PositionUpdate(RequestID=8))
    assert batch.belongs(CurrentPositionsReject(RequestID=7))
    assert batch.belongs(CurrentPositionsReject(RequestID=0))
    assert not batch.belongs(CurrentPositionsReject(RequestID=8))
    assert not batch.belongs(OpenOrdersReject(RequestID=7))
    assert not batch.belongs(AccountBalanceReject(RequestID=0))
    assert not batch.belongs(OrderUpdate(RequestID=7))
