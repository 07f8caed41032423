"""Live account messages become events, once their prices can be read."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest

from core.events import (
    BalanceReported,
    FillReceived,
    GapDetected,
    OrderReported,
    PositionReported,
    VenueSpoke,
)
from core.model.scope import AccountKey, PositionKey
from services.dtc import translate as module
from services.dtc.border import LOGGED_PER_KIND
from services.dtc.messages.accounts import AccountBalanceUpdate, TradeAccountResponse
from services.dtc.messages.notices import GeneralLogMessage, UserMessage
from services.dtc.messages.symbols import SecurityDefinitionReject
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate, PositionUpdate
from services.dtc.translate import HELD_S, Translator
from tests.fakes.dtc_server import definition

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("caplog")


@pytest.fixture
def translator() -> Translator:
    return Translator("x", count(1))


@pytest.fixture
def knowing(translator: Translator) -> Translator:
    translator.definitions.on_definition(definition("ES", multiplier=0.01))
    return translator


def fill(name: str = "E1", symbol: str = "ES", **said: object) -> OrderUpdate:
    fields: dict[str, object] = {
        "TradeAccount": "Sim1",
        "Symbol": symbol,
        "ServerOrderID": "S1",
        "BuySell": 1,
        "OrderUpdateReason": 4,
        "OrderStatus": 7,
        "LastFillPrice": 400050.0,
        "LastFillQuantity": 1.0,
        "LastFillExecutionID": name,
    }
    return OrderUpdate(**{**fields, **said})  # type: ignore[arg-type]


def position(quantity: float | None, average: float | None = None, **said: object) -> PositionUpdate:
    fields: dict[str, object] = {"TradeAccount": "Sim1", "Symbol": "ES", "Unsolicited": 1, **said}
    return PositionUpdate(Quantity=quantity, AveragePrice=average, **fields)  # type: ignore[arg-type]


def test_a_fill_is_an_order_report_and_then_a_fill(knowing: Translator) -> None:
    reported, filled = knowing.events_from(fill(), AT, 0.0)
    assert isinstance(reported, OrderReported)
    assert isinstance(filled, FillReceived)
    assert filled.fill.price == Decimal("4000.50")
    assert filled.fill.key == PositionKey("x", "Sim1", "ES")


def test_any_other_report_is_no_fill_even_with_the_fields_of_an_old_one(knowing: Translator) -> None:
    for reason in (1, 2, 3, 6, 7, 8, 9, 10):
        events = knowing.events_from(fill(OrderUpdateReason=reason), AT, 0.0)
        assert [type(event) for event in events] == [OrderReported]


@pytest.mark.parametrize(
    ("quantity", "average", "expected", "price"),
    [
        (2.0, 400033.3, Decimal(2), Decimal("4000.333")),
        (-2.0, 400050.0, Decimal(-2), Decimal("4000.50")),
        (0.0, 400050.0, Decimal(0), Decimal("4000.50")),
        (0.0, 0.0, Decimal(0), None),
        (None, 400050.0, None, Decimal("4000.50")),
        (0.25, None, Decimal("0.25"), None),
    ],
)
def test_a_position_is_signed_zero_is_flat_and_a_missing_quantity_is_unknown(
    knowing: Translator, quantity: float | None, average: float | None, expected: Decimal | None, price: Decimal | None
) -> None:
    (event,) = knowing.events_from(position(quantity, average), AT, 0.0)
    assert isinstance(event, PositionReported)
    assert (event.report.quantity, event.report.average_price) == (expected, price)


def test_a_balance_is_exact_and_has_no_grid(translator: Translator) -> None:
    message = AccountBalanceUpdate(
        TradeAccount="Sim1", CashBalance=21.66, MarginRequirement=0.0, AccountCurrency="USD", Unsolicited=1
    )
    (event,) = translator.events_from(message, AT, 0.0)
    assert isinstance(event, BalanceReported)
    assert event.key == AccountKey("x", "Sim1")
    assert (event.balance.cash, event.balance.margin, event.balance.available) == (Decimal("21.66"), Decimal(0), None)
    assert (event.balance.currency, event.balance.time) == ("USD", AT)


def test_empty_answers_nobody_waits_for_say_nothing(translator: Translator) -> None:
    for message in (
        OrderUpdate(RequestID=5, NoOrders=1, OrderUpdateReason=1),
        PositionUpdate(RequestID=5, NoPositions=1),
        AccountBalanceUpdate(RequestID=5, NoAccountBalances=1),
    ):
        assert translator.events_from(message, AT, 0.0) == []


def test_late_rows_of_the_past_and_of_lists_are_counted_and_left(translator: Translator) -> None:
    late = HistoricalOrderFillResponse(
        RequestID=5, TradeAccount="Sim1", Symbol="ES", UniqueExecutionID="E1", Quantity=1.0, BuySell=1
    )
    assert translator.events_from(late, AT, 0.0) == []
    assert translator.events_from(TradeAccountResponse(RequestID=5, TradeAccount="Sim1"), AT, 0.0) == []
    assert sum(translator.refusals.counts.values()) == 2


# -- waiting for the price scale -------------------------------------------------------------------------------------


def test_a_priced_report_waits_for_its_symbol_and_is_read_in_its_scale(translator: Translator) -> None:
    assert translator.events_from(fill(), AT, 0.0) == []
    request = translator.definitions.next_request(0.0)
    assert request is not None
    assert request.Symbol == "ES"
    assert translator.release(1.0) == []
    translator.definitions.on_definition(definition("ES", multiplier=0.01))
    _, filled = translator.release(1.0)
    assert isinstance(filled, FillReceived)
    assert (filled.fill.price, filled.fill.received_at) == (Decimal("4000.50"), AT)
    assert translator.release(2.0) == []


def test_after_five_seconds_the_quantity_is_told_without_a_price(translator: Translator) -> None:
    translator.events_from(fill(), AT, 10.0)
    assert translator.release(10.0 + HELD_S - 0.1) == []
    _, filled = translator.release(10.0 + HELD_S)
    assert isinstance(filled, FillReceived)
    assert (filled.fill.quantity, filled.fill.price) == (Decimal(1), None)


def test_a_refused_definition_releases_at_once_without_a_price(translator: Translator) -> None:
    translator.events_from(fill(), AT, 0.0)
    request = translator.definitions.next_request(0.0)
    assert request is not None
    translator.definitions.on_refusal(SecurityDefinitionReject(RequestID=request.RequestID, RejectText="no"), 0.0)
    _, filled = translator.release(0.0)
    assert isinstance(filled, FillReceived)
    assert filled.fill.price is None


def test_what_comes_later_for_the_symbol_waits_behind_and_other_symbols_go_on(translator: Translator) -> None:
    translator.definitions.on_definition(definition("NQ"))
    translator.events_from(fill("E1"), AT, 0.0)
    assert translator.events_from(position(1.0), LATER, 1.0) == []
    assert len(translator.events_from(fill("E9", "NQ"), AT, 1.0)) == 2
    translator.definitions.on_definition(definition("ES", multiplier=0.01))
    assert [type(event) for event in translator.release(1.0)] == [OrderReported, FillReceived, PositionReported]


def test_what_states_no_price_does_not_wait(translator: Translator) -> None:
    assert len(translator.events_from(position(0.0), AT, 0.0)) == 1
    assert len(translator.events_from(fill(OrderUpdateReason=2, LastFillPrice=None), AT, 0.0)) == 1


def test_on_a_new_connection_the_last_known_scale_serves_when_the_wait_is_over(knowing: Translator) -> None:
    knowing.definitions.begin()
    assert knowing.events_from(fill(), AT, 0.0) == []
    _, filled = knowing.release(HELD_S)
    assert isinstance(filled, FillReceived)
    assert filled.fill.price == Decimal("4000.50")


def test_a_flood_of_waiting_reports_is_told_rather_than_kept(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD_LIMIT", 3)
    for number in range(3):
        assert translator.events_from(fill(f"E{number}"), AT, 0.0) == []
    events = translator.events_from(fill("E3"), AT, 0.0)
    names = [event.fill.execution_id for event in events if isinstance(event, FillReceived)]
    assert names == ["E0", "E1", "E2", "E3"]


# -- what makes no sense ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        position(1.0, TradeAccount=""),
        position(1.0, Symbol=""),
        position(1e300),
        AccountBalanceUpdate(CashBalance=1.0),
        fill(OrderUpdateReason=2, TradeAccount=""),
        fill(OrderUpdateReason=2, Symbol=""),
        fill(OrderUpdateReason=2, OrderQuantity=-1.0),
        fill(OrderUpdateReason=77),
    ],
    ids=repr,
)
def test_an_impossible_message_changes_nothing_and_is_counted(knowing: Translator, message: PositionUpdate) -> None:
    assert knowing.events_from(message, AT, 0.0) == []
    assert sum(knowing.refusals.counts.values()) == 1


@pytest.mark.parametrize(
    "said",
    [{"LastFillQuantity": 0.0}, {"LastFillQuantity": None}, {"BuySell": 0}, {"LastFillExecutionID": ""}],
)
def test_a_fill_that_cannot_be_read_is_a_gap_beside_its_report(knowing: Translator, said: dict[str, object]) -> None:
    reported, gap = knowing.events_from(fill(**said), AT, 0.0)  # type: ignore[arg-type]
    assert isinstance(reported, OrderReported)
    assert isinstance(gap, GapDetected)


def test_a_fill_of_nobody_is_a_gap(knowing: Translator) -> None:
    (gap,) = knowing.events_from(fill(TradeAccount=""), AT, 0.0)
    assert isinstance(gap, GapDetected)


def test_refusals_are_counted_without_end_and_logged_with_one(
    knowing: Translator, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(10 * LOGGED_PER_KIND):
        knowing.events_from(position(1.0, TradeAccount=""), AT, 0.0)
    assert sum(knowing.refusals.counts.values()) == 10 * LOGGED_PER_KIND


# -- words -----------------------------------------------------------------------------------------------------------


def test_words_of_the_venue_are_passed_on_with_account_names_shortened(translator: Translator) -> None:
    translator.account(TradeAccountResponse(TradeAccount="DU1234567"))
    (popup,) = translator.events_from(UserMessage(UserMessage="DU1234567 is restricted", IsPopupMessage=1), AT, 0.0)
    assert popup == VenueSpoke("x", "…67 is restricted", urgent=True)
    (logged,) = translator.events_from(GeneralLogMessage(MessageText="hello"), AT, 0.0)
    assert logged == VenueSpoke("x", "hello")
