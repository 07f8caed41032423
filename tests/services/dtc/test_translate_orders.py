"""Order reports and fills: what each reason and status means, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.broker_report import OrderReport, ReportKind
from core.model.fill import Side, synthetic_execution_id
from core.model.instrument import Instrument
from core.model.order import OrderState, OrderType, TimeInForce
from core.model.scope import PositionKey
from services.dtc.border import Refusals
from services.dtc.enums import OrderStatusEnum, OrderUpdateReasonEnum
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate
from services.dtc.price_scale import PriceScale
from services.dtc.refusal import Refused
from services.dtc.translate_orders import (
    KINDS,
    STATES,
    fill_of_history,
    fill_of_update,
    is_fill,
    order_report,
    scope_of,
)

KEY = PositionKey("x", "Sim1", "ES")
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
SCALE = PriceScale(Instrument("ES", Decimal("0.25")), Decimal("0.01"))

pytestmark = pytest.mark.usefixtures("caplog")


def update(reason: int = 2, status: int = 4, **said: object) -> OrderUpdate:
    fields = {"ServerOrderID": "S1", "ClientOrderID": "ST1", "BuySell": 1, **said}
    return OrderUpdate(OrderUpdateReason=reason, OrderStatus=status, **fields)  # type: ignore[arg-type]


def told(message: OrderUpdate, refusals: Refusals | None = None) -> OrderReport:
    return order_report(message, KEY, SCALE, AT, refusals or Refusals("x"))


def test_every_reason_and_status_of_the_protocol_has_a_meaning() -> None:
    assert set(KINDS) == {reason.value for reason in OrderUpdateReasonEnum}
    assert set(STATES) == {status.value for status in OrderStatusEnum}


@pytest.mark.parametrize(
    ("reason", "status", "kind", "state"),
    [
        (1, 4, ReportKind.RESTATED, OrderState.WORKING),
        (1, 10, ReportKind.RESTATED, OrderState.PARTIAL),
        (2, 2, ReportKind.ACCEPTED, OrderState.WORKING),
        (2, 3, ReportKind.ACCEPTED, OrderState.WORKING),
        (2, 4, ReportKind.ACCEPTED, OrderState.WORKING),
        (3, 5, ReportKind.CHANGED, OrderState.PENDING_CHANGE),
        (3, 6, ReportKind.CHANGED, OrderState.PENDING_CANCEL),
        (0, 4, ReportKind.CHANGED, OrderState.WORKING),
        (4, 7, ReportKind.FILLED, OrderState.FILLED),
        (5, 10, ReportKind.PARTLY_FILLED, OrderState.PARTIAL),
        (6, 8, ReportKind.CANCELLED, OrderState.CANCELLED),
        (7, 4, ReportKind.REPLACED, OrderState.WORKING),
        (7, 10, ReportKind.REPLACED, OrderState.PARTIAL),
        (8, 9, ReportKind.REJECTED, OrderState.REJECTED),
        (2, 0, ReportKind.ACCEPTED, None),
        (2, 1, ReportKind.ACCEPTED, None),
        # A refused cancel or change ends nothing: its status is the order's true one, or says nothing.
        (9, 4, ReportKind.CANCEL_REFUSED, OrderState.WORKING),
        (9, 8, ReportKind.CANCEL_REFUSED, OrderState.CANCELLED),
        (9, 7, ReportKind.CANCEL_REFUSED, OrderState.FILLED),
        (9, 9, ReportKind.CANCEL_REFUSED, None),
        (9, 0, ReportKind.CANCEL_REFUSED, None),
        (10, 10, ReportKind.REPLACE_REFUSED, OrderState.PARTIAL),
        (10, 9, ReportKind.REPLACE_REFUSED, None),
    ],
)
def test_reason_and_status_become_kind_and_state(
    reason: int, status: int, kind: ReportKind, state: OrderState | None
) -> None:
    report = told(update(reason, status))
    assert (report.kind, report.state) == (kind, state)


@pytest.mark.parametrize(("reason", "status", "waits"), [(2, 3, True), (1, 3, True), (2, 4, False), (3, 10, False)])
def test_an_exit_says_whom_it_belongs_to_and_whether_it_waits(reason: int, status: int, waits: bool) -> None:
    report = told(update(reason, status, ParentServerOrderID="S7", OCOLinkedOrderServerOrderID="S9"))
    assert (report.parent_server_order_id, report.oco_server_order_id) == ("S7", "S9")
    assert report.waits_for_parent is waits
    alone = told(update(reason, 4))
    assert (alone.parent_server_order_id, alone.oco_server_order_id, alone.waits_for_parent) == ("", "", False)


@pytest.mark.parametrize(
    ("reason", "state", "waits"),
    [(1, OrderState.WORKING, True), (2, OrderState.WORKING, True), (3, None, False), (9, None, False)],
)
def test_an_exit_accepted_or_listed_without_a_status_waits(reason: int, state: OrderState | None, waits: bool) -> None:
    report = told(update(reason, 0, ParentServerOrderID="S7"))
    assert (report.state, report.waits_for_parent) == (state, waits)
    alone = told(update(reason, 0))
    assert (alone.state, alone.waits_for_parent) == (None, False)


def test_an_exit_that_waits_shows_nothing_where_the_server_shows_no_quantity_or_price_yet() -> None:
    report = told(update(2, 3, OrderType=3, OrderQuantity=0.0))
    assert (report.quantity, report.trigger_price, report.state) == (None, None, OrderState.WORKING)


def test_a_refused_cancel_of_an_order_the_server_does_not_know_has_no_server_id_and_no_state() -> None:
    report = told(update(9, 9, ServerOrderID="", InfoText="unknown order"))
    assert (report.server_order_id, report.state, report.text) == ("", None, "unknown order")


def test_an_unknown_status_changes_nothing_and_is_counted() -> None:
    refusals = Refusals("x")
    assert told(update(3, 99), refusals).state is None
    assert refusals.counts == {"OrderUpdate: unknown status 99": 1}


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(Refused, match="unknown reason 77"):
        told(update(77, 7))


def test_unknown_sides_types_and_times_say_nothing_and_are_counted() -> None:
    refusals = Refusals("x")
    report = told(update(BuySell=9, OrderType=7, TimeInForce=6), refusals)
    assert (report.side, report.type, report.time_in_force) == (None, None, TimeInForce.DAY)
    assert sum(refusals.counts.values()) == 3


@pytest.mark.parametrize(
    ("number", "type_", "price", "trigger"),
    [
        (1, OrderType.MARKET, None, None),
        (2, OrderType.LIMIT, "4000.50", None),
        (3, OrderType.STOP, None, "4000.50"),
        (4, OrderType.STOP_LIMIT, "4001.00", "4000.50"),
        (0, None, None, None),
    ],
)
def test_the_two_prices_mean_what_the_order_type_says(
    number: int, type_: OrderType | None, price: str | None, trigger: str | None
) -> None:
    report = told(update(OrderType=number, Price1=400050.0, Price2=400100.0))
    assert report.type is type_
    assert report.price == (None if price is None else Decimal(price))
    assert report.trigger_price == (None if trigger is None else Decimal(trigger))


def test_quantities_are_totals_and_the_average_is_exact() -> None:
    report = told(update(5, 10, OrderQuantity=3.0, FilledQuantity=1.0, AverageFillPrice=400033.33))
    assert (report.quantity, report.filled_quantity) == (Decimal(3), Decimal(1))
    assert report.average_fill_price == Decimal("4000.3333")
    unset = told(update())
    assert (unset.quantity, unset.filled_quantity, unset.average_fill_price) == (None, None, None)


def test_without_a_scale_no_price_is_told() -> None:
    report = order_report(update(OrderType=2, Price1=1.0, AverageFillPrice=1.0), KEY, None, AT, Refusals("x"))
    assert (report.price, report.average_fill_price) == (None, None)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"OrderQuantity": -1.0}, "negative"),
        ({"FilledQuantity": -1.0}, "negative"),
        ({"OrderQuantity": 1e18}, "absurd"),
        ({"ServerOrderID": "", "ClientOrderID": ""}, "names no order"),
    ],
)
def test_an_impossible_report_is_refused(said: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        told(update(**said))  # type: ignore[arg-type]


@pytest.mark.parametrize(("account", "symbol", "words"), [("", "ES", "TradeAccount"), ("Sim1", "", "Symbol")])
def test_a_report_without_a_scope_is_refused(account: str, symbol: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        scope_of("x", account, symbol)


@pytest.mark.parametrize("reason", range(11))
def test_only_reasons_four_and_five_are_fills(reason: int) -> None:
    assert is_fill(update(reason)) is (reason in (4, 5))


@pytest.mark.parametrize("moment", [1_795_271_400, 1_795_271_400_000, 1_795_271_400_000_000])
def test_a_fill_is_read_from_the_last_fill_fields_with_its_time_in_any_unit(moment: int) -> None:
    message = update(
        5,
        10,
        BuySell=2,
        FilledQuantity=3.0,
        LastFillPrice=400050.0,
        LastFillQuantity=2.0,
        LastFillExecutionID="E1",
        LastFillDateTime=moment,
    )
    fill = fill_of_update(message, KEY, SCALE, AT)
    assert (fill.execution_id, fill.side, fill.quantity, fill.price) == (
        "E1",
        Side.SELL,
        Decimal(2),
        Decimal("4000.50"),
    )
    assert (fill.client_order_id, fill.server_order_id, fill.received_at) == ("ST1", "S1", AT)
    assert fill.fill_time == datetime.fromtimestamp(1_795_271_400, UTC)
    assert not fill.off_tick


def test_a_fill_off_the_grid_keeps_its_price_and_says_so() -> None:
    fill = fill_of_update(
        update(4, 7, LastFillPrice=400013.0, LastFillQuantity=1.0, LastFillExecutionID="E1"), KEY, SCALE, AT
    )
    assert (fill.price, fill.off_tick) == (Decimal("4000.13"), True)


def test_a_fill_without_a_price_or_a_scale_is_a_fill_without_a_price() -> None:
    message = update(4, 7, LastFillQuantity=1.0, LastFillExecutionID="E1")
    assert fill_of_update(message, KEY, SCALE, AT).price is None
    priced = update(4, 7, LastFillQuantity=1.0, LastFillPrice=1.0, LastFillExecutionID="E1")
    assert fill_of_update(priced, KEY, None, AT).price is None


@pytest.mark.row(54)
def test_a_fill_without_an_id_gets_one_that_is_the_same_for_a_redelivery_and_no_other() -> None:
    def fill(**said: object) -> str:
        fields = {"FilledQuantity": 3.0, "LastFillQuantity": 1.0, **said}
        return fill_of_update(update(5, 10, **fields), KEY, SCALE, AT).execution_id

    assert fill() == fill(LastFillPrice=1.0) == synthetic_execution_id(KEY, "S1", "ST1", Decimal(3))
    assert len({fill(), fill(FilledQuantity=4.0), fill(ServerOrderID="S2"), fill(ClientOrderID="")}) == 4


@pytest.mark.row(66)
def test_without_our_id_the_trading_date_makes_it_unique() -> None:
    message = update(
        5, 10, ClientOrderID="", FilledQuantity=1.0, LastFillQuantity=1.0, LastFillDateTime=1_795_271_400_000
    )
    expected = synthetic_execution_id(KEY, "S1", "2026-11-21", Decimal(1))
    assert fill_of_update(message, KEY, SCALE, AT).execution_id == expected


@pytest.mark.row(70)
@pytest.mark.parametrize(
    "said",
    [
        {"LastFillExecutionID": "E1"},
        {"LastFillExecutionID": "E1", "LastFillQuantity": 0.0},
        {"LastFillExecutionID": "E1", "LastFillQuantity": -1.0},
        {"LastFillExecutionID": "E1", "LastFillQuantity": 1e17},
        {"LastFillExecutionID": "E1", "LastFillQuantity": 1.0, "BuySell": 0},
        {"LastFillExecutionID": "E1", "LastFillQuantity": 1.0, "BuySell": 3},
        {"LastFillQuantity": 1.0},
        {"LastFillQuantity": 1.0, "FilledQuantity": 0.0},
    ],
)
def test_a_fill_without_quantity_side_or_identity_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(Refused):
        fill_of_update(update(4, 7, **said), KEY, SCALE, AT)


def test_a_fill_of_the_past_is_read_and_one_without_an_id_is_refused() -> None:
    message = HistoricalOrderFillResponse(
        ServerOrderID="S1", BuySell=1, Price=400050.0, Quantity=0.5, DateTime=1_795_271_400, UniqueExecutionID="E7"
    )
    fill = fill_of_history(message, KEY, SCALE, AT)
    assert (fill.execution_id, fill.quantity, fill.price) == ("E7", Decimal("0.5"), Decimal("4000.50"))
    assert (fill.client_order_id, fill.server_order_id, fill.side) == ("", "S1", Side.BUY)
    with pytest.raises(Refused, match="UniqueExecutionID"):
        fill_of_history(HistoricalOrderFillResponse(BuySell=1, Quantity=1.0), KEY, SCALE, AT)
