"""A single list: told when it is complete and readable, or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from core.events import OrdersListed, PositionsListed
from core.model.scope import AccountKey
from services.dtc.list_request import ListRequest
from services.dtc.messages.base import Message
from services.dtc.messages.trading import (
    CurrentPositionsReject,
    HistoricalOrderFillResponse,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.snapshot_request import STEP_WITHIN_S
from services.dtc.translate import Translator
from tests.fakes.dtc_server import definition, numbered

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SINCE = NOW - timedelta(hours=30)
SECONDS = int(NOW.timestamp())

Answer = Callable[[Any], list[Message]]

pytestmark = pytest.mark.usefixtures("caplog")


def history(name: str, at: int = SECONDS - 60, **said: object) -> HistoricalOrderFillResponse:
    fields: dict[str, object] = {"TradeAccount": "Sim1", "Symbol": "ES", "BuySell": 1, "Quantity": 1.0, **said}
    return HistoricalOrderFillResponse(UniqueExecutionID=name, DateTime=at, Price=6500.0, **fields)  # type: ignore[arg-type]


def position(account: str = "Sim1", symbol: str = "ES", quantity: float | None = 1.0) -> PositionUpdate:
    return PositionUpdate(TradeAccount=account, Symbol=symbol, Quantity=quantity, AveragePrice=6500.0)


def listed(key: AccountKey | None, *answers: Message) -> ListRequest:
    translator = Translator("x", count(1))
    translator.definitions.on_definition(definition("ES"))
    request = ListRequest(translator, count(7), key, NOW)
    question: Any = request.advance(0.0)[0]
    assert request.advance(0.0) == []
    for answer in answers:
        assert request.take(msgspec.structs.replace(answer, RequestID=question.RequestID), NOW)
    request.advance(1.0)
    return request


def test_a_list_of_positions_is_told_when_it_is_complete() -> None:
    key = AccountKey("x", "Sim1")
    request = listed(key, *numbered(0, [position()], PositionUpdate()))
    assert isinstance(request.outcome, PositionsListed)
    assert (request.outcome.key, len(request.outcome.rows), request.outcome.asked_at) == (key, 1, NOW)
    assert request.over


def test_an_empty_list_of_orders_is_told() -> None:
    request = listed(None, OrderUpdate(NoOrders=1))
    assert isinstance(request.outcome, OrdersListed)
    assert request.outcome.rows == ()


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (CurrentPositionsReject(RejectText="no"),),
        (numbered(0, [position(account="")], PositionUpdate())[0],),
        (numbered(0, [position(), position(symbol="NQ")], PositionUpdate())[0],),
    ],
)
def test_a_list_that_is_refused_incomplete_or_unreadable_is_not_told(answers: tuple[Message, ...]) -> None:
    request = listed(AccountKey("x", "Sim1"), *answers)
    request.advance(STEP_WITHIN_S)
    assert request.over
    assert request.outcome is None
