"""A snapshot from its first question to its outcome, without a socket."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import pytest

from core.broker_report import BrokerSnapshot
from core.events import SnapshotFailed, SnapshotReceived
from core.model.scope import AccountKey, PositionKey
from services.dtc.messages.accounts import (
    AccountBalanceReject,
    AccountBalanceRequest,
    AccountBalanceUpdate,
    TradeAccountResponse,
    TradeAccountsRequest,
)
from services.dtc.messages.base import Message
from services.dtc.messages.trading import (
    CurrentPositionsReject,
    CurrentPositionsRequest,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsReject,
    HistoricalOrderFillsRequest,
    OpenOrdersReject,
    OpenOrdersRequest,
    OrderUpdate,
    PositionUpdate,
)
from services.dtc.snapshot_request import STEP_WITHIN_S, SnapshotRequest
from services.dtc.translate import HELD_S, Translator
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


class Venue:
    """Answers the questions of a snapshot; a test replaces the answers it is about."""

    def __init__(self, *accounts: str) -> None:
        self.translator = Translator("x", count(1))
        self.translator.definitions.on_definition(definition("ES"))
        self.request = SnapshotRequest(self.translator, count(100), SINCE, NOW)
        self.asked: list[Any] = []
        self.now_s = 0.0
        names = [TradeAccountResponse(TradeAccount=name) for name in accounts]
        self.answers: dict[type[Message], Answer] = {
            TradeAccountsRequest: self.rows(names, TradeAccountResponse()),
            AccountBalanceRequest: lambda request: numbered(
                request.RequestID,
                [AccountBalanceUpdate(TradeAccount=request.TradeAccount, CashBalance=5.0, AccountCurrency="EUR")],
                AccountBalanceUpdate(),
            ),
            HistoricalOrderFillsRequest: self.rows([], HistoricalOrderFillResponse(NoOrderFills=1)),
            CurrentPositionsRequest: self.rows([], PositionUpdate(NoPositions=1)),
            OpenOrdersRequest: self.rows([], OrderUpdate(NoOrders=1)),
        }

    def rows(self, rows: Sequence[Message], empty: Message) -> Answer:
        return lambda request: numbered(request.RequestID, rows, empty)

    def run(self) -> SnapshotReceived | SnapshotFailed | None:
        """Ask and answer until nothing more is asked."""
        while True:
            questions = self.request.advance(NOW, self.now_s)
            if not questions:
                return self.request.outcome
            for question in questions:
                self.asked.append(question)
                for answer in self.answers[type(question)](question):
                    assert self.request.take(answer, NOW)

    def snapshot(self) -> BrokerSnapshot:
        outcome = self.run()
        assert isinstance(outcome, SnapshotReceived), outcome
        return outcome.snapshot

    def failure(self) -> str:
        outcome = self.run()
        assert isinstance(outcome, SnapshotFailed), outcome
        return outcome.text


def test_everything_is_asked_once_one_after_the_other() -> None:
    venue = Venue("Sim1", "Sim2")
    venue.snapshot()
    assert [(type(one).__name__, getattr(one, "TradeAccount", "")) for one in venue.asked] == [
        ("TradeAccountsRequest", ""),
        ("AccountBalanceRequest", "Sim1"),
        ("HistoricalOrderFillsRequest", "Sim1"),
        ("CurrentPositionsRequest", "Sim1"),
        ("AccountBalanceRequest", "Sim2"),
        ("HistoricalOrderFillsRequest", "Sim2"),
        ("CurrentPositionsRequest", "Sim2"),
        ("OpenOrdersRequest", ""),
    ]
    identities = [one.RequestID for one in venue.asked]
    assert len(set(identities)) == len(identities)
    assert 0 not in identities


def test_no_account_is_an_answer() -> None:
    snapshot = Venue().snapshot()
    assert (snapshot.accounts, snapshot.positions, snapshot.fills, snapshot.orders) == ((), (), (), ())


@pytest.mark.parametrize(("hours", "days"), [(0, 2), (1, 2), (24, 2), (25, 3), (30, 3), (240, 11), (-5, 2)])
def test_the_days_asked_for_cover_the_window_and_a_calendar_day_more(hours: int, days: int) -> None:
    venue = Venue("Sim1")
    venue.request = SnapshotRequest(venue.translator, count(1), NOW - timedelta(hours=hours), NOW)
    venue.run()
    (asked,) = [one for one in venue.asked if isinstance(one, HistoricalOrderFillsRequest)]
    assert asked.NumberOfDays == days


def test_accounts_have_the_currency_of_their_balance_and_say_when_trading_is_off() -> None:
    venue = Venue("Sim1")
    venue.answers[TradeAccountsRequest] = venue.rows(
        [TradeAccountResponse(TradeAccount="Sim1", TradingIsDisabled=1)], TradeAccountResponse()
    )
    (account,) = venue.snapshot().accounts
    assert (account.key, account.currency, account.trading_disabled) == (AccountKey("x", "Sim1"), "EUR", True)


def test_fills_are_those_of_the_window_oldest_first() -> None:
    venue = Venue("Sim1")
    early = int(SINCE.timestamp())
    rows = [
        history("C", SECONDS - 10),
        history("A", early),
        history("old", early - 3600),
        history("B", SECONDS - 20),
        history("timeless", 0),
    ]
    venue.answers[HistoricalOrderFillsRequest] = venue.rows(rows, HistoricalOrderFillResponse())
    snapshot = venue.snapshot()
    assert snapshot.fills is not None
    assert [fill.execution_id for fill in snapshot.fills] == ["A", "B", "C", "timeless"]


def test_a_fill_of_the_second_in_which_the_window_begins_is_in_it() -> None:
    venue = Venue("Sim1")
    venue.request = SnapshotRequest(venue.translator, count(100), SINCE + timedelta(milliseconds=700), NOW)
    venue.answers[HistoricalOrderFillsRequest] = venue.rows(
        [history("A", int(SINCE.timestamp()))], HistoricalOrderFillResponse()
    )
    fills = venue.snapshot().fills
    assert fills is not None
    assert len(fills) == 1


def test_a_fill_that_cannot_be_recognised_again_is_left_out_and_noted() -> None:
    venue = Venue("Sim1")
    venue.answers[HistoricalOrderFillsRequest] = venue.rows([history(""), history("E1")], HistoricalOrderFillResponse())
    snapshot = venue.snapshot()
    assert snapshot.fills is not None
    assert [fill.execution_id for fill in snapshot.fills] == ["E1"]
    assert "1 fills" in snapshot.note
    assert snapshot.unread == {PositionKey("x", "Sim1", "ES")}


@pytest.mark.parametrize("number", [True, False])
def test_refused_positions_and_fills_are_unknown_and_not_empty(number: bool) -> None:
    venue = Venue("Sim1", "Sim2")
    venue.answers[CurrentPositionsRequest] = lambda request: [
        CurrentPositionsReject(RequestID=request.RequestID if number else 0, RejectText="closed")
    ]
    venue.answers[HistoricalOrderFillsRequest] = lambda request: [
        HistoricalOrderFillsReject(RequestID=request.RequestID if number else 0, RejectText="TradeAccount is not set")
    ]
    snapshot = venue.snapshot()
    assert (snapshot.positions, snapshot.fills) == (None, None)
    assert "closed" in snapshot.note
    assert "TradeAccount is not set" in snapshot.note


def test_positions_refused_for_one_account_are_unknown_for_all() -> None:
    venue = Venue("Sim1", "Sim2")
    venue.answers[CurrentPositionsRequest] = lambda request: (
        [CurrentPositionsReject(RequestID=request.RequestID)]
        if request.TradeAccount == "Sim2"
        else numbered(request.RequestID, [position()], PositionUpdate())
    )
    assert venue.snapshot().positions is None


def test_a_refused_balance_is_left_out() -> None:
    venue = Venue("Sim1")
    venue.answers[AccountBalanceRequest] = lambda request: [
        AccountBalanceReject(RequestID=request.RequestID, RejectText="none")
    ]
    snapshot = venue.snapshot()
    assert snapshot.balances == ()
    assert snapshot.accounts[0].currency == ""


def test_a_server_that_tells_everybodys_balance_each_time_is_understood() -> None:
    venue = Venue("Sim1", "Sim2")
    both: list[Message] = [
        AccountBalanceUpdate(TradeAccount=name, CashBalance=cash) for name, cash in (("Sim1", 1.0), ("Sim2", 2.0))
    ]
    venue.answers[AccountBalanceRequest] = venue.rows(both, AccountBalanceUpdate())
    assert {key.account: balance.cash for key, balance in venue.snapshot().balances} == {
        "Sim1": Decimal(1),
        "Sim2": Decimal(2),
    }


def test_a_balance_without_a_name_is_that_of_the_only_account() -> None:
    venue = Venue("Sim1")
    venue.answers[AccountBalanceRequest] = venue.rows([AccountBalanceUpdate(CashBalance=3.0)], AccountBalanceUpdate())
    ((key, balance),) = venue.snapshot().balances
    assert (key.account, balance.cash) == ("Sim1", Decimal(3))


def test_a_position_whose_quantity_was_not_said_is_listed_as_unknown() -> None:
    venue = Venue("Sim1")
    rows = [position(quantity=None), position(symbol="NQ", quantity=0.0)]
    venue.answers[CurrentPositionsRequest] = venue.rows(rows, PositionUpdate())
    venue.translator.definitions.on_definition(definition("NQ"))
    positions = venue.snapshot().positions
    assert positions is not None
    assert [row.quantity for row in positions] == [None, Decimal(0)]


@pytest.mark.parametrize(
    ("request_type", "row", "empty", "name"),
    [
        (CurrentPositionsRequest, position(account=""), PositionUpdate(), "positions of …m1"),
        (CurrentPositionsRequest, position(symbol=""), PositionUpdate(), "positions of …m1"),
        (CurrentPositionsRequest, position(quantity=1e200), PositionUpdate(), "positions of …m1"),
        (OpenOrdersRequest, OrderUpdate(Symbol="ES", ServerOrderID="S", OrderUpdateReason=1), OrderUpdate(), "orders"),
    ],
)
def test_a_row_that_cannot_be_read_spoils_the_list_it_is_in(
    request_type: type[Message], row: Message, empty: Message, name: str
) -> None:
    venue = Venue("Sim1")
    venue.answers[request_type] = venue.rows([row], empty)
    assert name in venue.failure()


@pytest.mark.row(86)
@pytest.mark.parametrize(
    ("silent", "name"),
    [
        (TradeAccountsRequest, "the account list"),
        (AccountBalanceRequest, "the balance of …m1"),
        (HistoricalOrderFillsRequest, "the fills of …m1"),
        (CurrentPositionsRequest, "the positions of …m1"),
        (OpenOrdersRequest, "the open orders"),
    ],
)
def test_each_step_has_ten_seconds_of_its_own_and_is_named(silent: type[Message], name: str) -> None:
    venue = Venue("Sim1")
    answer, venue.answers[silent] = venue.answers[silent], lambda _: []
    assert venue.run() is None
    venue.now_s = STEP_WITHIN_S - 0.1
    assert venue.run() is None
    late = msgspec.structs.replace(venue.request._asked[-1].request)
    venue.now_s = STEP_WITHIN_S
    assert name in venue.failure()
    assert answer(late)
    assert venue.request.advance(NOW, venue.now_s) == []


def test_refused_orders_fail_it() -> None:
    venue = Venue("Sim1")
    venue.answers[OpenOrdersRequest] = lambda request: [OpenOrdersReject(RequestID=request.RequestID, RejectText="x")]
    assert "the open orders" in venue.failure()


def test_a_row_behind_an_empty_answer_holds_it_up_until_it_is_complete() -> None:
    venue = Venue("Sim1")
    rows = numbered(0, [position(), position(symbol="NQ", quantity=2.0)], PositionUpdate())

    rest: list[Message] = []

    def torn(request: Any) -> list[Message]:
        first, second = (msgspec.structs.replace(row, RequestID=request.RequestID) for row in rows)
        empty = PositionUpdate(RequestID=request.RequestID, NoPositions=1)
        rest.append(first)
        return [first, empty, second]

    venue.answers[CurrentPositionsRequest] = torn
    assert venue.run() is None
    for message in rest:
        assert venue.request.take(message, NOW)
    venue.translator.definitions.on_definition(definition("NQ"))
    positions = venue.snapshot().positions
    assert positions is not None
    assert len(positions) == 2


def test_symbols_met_on_the_way_are_defined_before_it_is_told() -> None:
    venue = Venue("Sim1")
    venue.answers[CurrentPositionsRequest] = venue.rows([position(symbol="NQ")], PositionUpdate())
    assert venue.run() is None
    request = venue.translator.definitions.next_request(0.0)
    assert request is not None
    venue.translator.definitions.on_definition(definition("NQ", multiplier=0.01))
    positions = venue.snapshot().positions
    assert positions is not None
    assert positions[0].average_price == Decimal(65)


def test_a_symbol_that_is_never_defined_holds_it_up_for_five_seconds_only() -> None:
    venue = Venue("Sim1")
    venue.answers[CurrentPositionsRequest] = venue.rows([position(symbol="NQ")], PositionUpdate())
    assert venue.run() is None
    venue.now_s = HELD_S
    positions = venue.snapshot().positions
    assert positions is not None
    assert (positions[0].quantity, positions[0].average_price) == (Decimal(1), None)


def test_live_messages_are_not_taken_for_answers() -> None:
    venue = Venue("Sim1")
    venue.request.advance(NOW, 0.0)
    for message in (position(), OrderUpdate(OrderUpdateReason=4), AccountBalanceUpdate(TradeAccount="Sim1")):
        assert not venue.request.take(message, NOW)
