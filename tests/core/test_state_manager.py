"""StateManager on one thread: what each writer does, that it signals outside the lock, that a snapshot stays as it is.

The writers are found by looking at the class, and are called with values made from the types of their arguments, so a
new one is held to the same rules from the day it is written.
"""

import copyreg
import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from core.binding_settings import BindingSettings
from core.events import Announcement, Level, Link
from core.model.alert import Alert, AlertKind, Way
from core.model.bar import BarSeries, ChartKey, Interval
from core.model.bracket import Bracket, ExitPoint
from core.model.depth import Depth
from core.model.entry import EntryOperation, EntryStep
from core.model.fill import Fill, Side
from core.model.finding import Finding, FindingKind
from core.model.guards import AccountGuards
from core.model.instrument import Instrument
from core.model.market import Aggressor, Quote, SessionFigures, Tick
from core.model.operation import CloseOperation, CloseStep
from core.model.order import Intent, Order, OrderState, OrderType
from core.model.position import Position, apply_fill
from core.model.recovery import Recovery
from core.model.sanity import SanityLimits
from core.model.scope import Account, AccountKey, Balance, PositionKey
from core.model.session_studies import SessionCount, SessionStudies
from core.model.trade import Trade
from core.preferences import PnlMark
from core.queries import EquityFilter, EquityFound, QueryResult
from core.snapshot import ConnectionStatus, DatabaseStatus, LedgerBalance, ScopeStatus, Snapshot
from core.state_manager import (
    FILLS_SHOWN,
    FINAL_ORDERS_SHOWN,
    NOTICES_SHOWN,
    QUERIES_SHOWN,
    TRADES_SHOWN,
    StateManager,
)
from core.unsaved_work import UnsavedWork

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
KEY = PositionKey("sim", "Sim1", "ESZ6")
ACCOUNT = KEY.account_key
ES = Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD")


def fill(name: str = "E1", side: Side = Side.BUY) -> Fill:
    return Fill(KEY, name, side, Decimal(2), Decimal(5000), AT, AT, Decimal(4))


def position(quantity: int = 2) -> Position:
    held = apply_fill(None, replace(fill(), quantity=Decimal(quantity)), ES).after
    assert held is not None
    return held


def trade() -> Trade:
    ended = apply_fill(position(), fill("E2", Side.SELL), ES).trade
    assert ended is not None
    return ended


def order(name: str = "ST1", state: OrderState = OrderState.WORKING) -> Order:
    return Order(KEY, name, Side.BUY, Intent.OPEN, OrderType.MARKET, Decimal(2), AT, AT, state=state)


def tick(price: int = 5000, sequence: int = 0) -> Tick:
    return Tick("ESZ6", Decimal(price), Decimal(1), Aggressor.BUYER, AT, AT, sequence)


def studies(symbol: str = "ESZ6") -> dict[tuple[str, str], SessionStudies]:
    count = SessionCount(symbol)
    count.add([tick()])
    counted = count.studies()
    assert counted is not None
    return {("sim", symbol): counted}


def announcement(text: str = "said") -> Announcement:
    return Announcement(Level.INFO, text, AT)


CHART = ChartKey("sim", "ESZ6", Interval.parse("1m"))
# What is frozen can be copied too: the test below compares a snapshot with a copy of it.
copyreg.pickle(MappingProxyType, lambda held: (MappingProxyType, (dict(held),)))

# A value for every type that stands in a signature of StateManager.
VALUES: dict[Any, Any] = {
    str: "sim",
    frozenset[str]: frozenset({"sim"}),
    bool: True,
    Decimal: Decimal(5),
    float: 5.0,
    datetime: AT,
    BindingSettings: BindingSettings(arm_minutes=5),
    SanityLimits: SanityLimits(quantity_soft=Decimal(1)),
    tuple[Alert, ...]: (Alert("A1", AlertKind.PRICE, KEY, Way.ABOVE, Decimal(5), AT),),
    timedelta: timedelta(seconds=1),
    PositionKey: KEY,
    AccountKey: ACCOUNT,
    Position: position(),
    Order: order(),
    Fill: fill(),
    Trade: trade(),
    Tick: tick(),
    Quote: Quote("ESZ6", last=Decimal(5000)),
    SessionFigures: SessionFigures("ESZ6", high=Decimal(5010)),
    Mapping[tuple[str, str], SessionStudies]: studies(),
    Mapping[ChartKey, BarSeries | None]: {CHART: BarSeries(CHART)},
    Depth: Depth("ESZ6", ((Decimal(4999), Decimal(2)),), (), True, AT),
    tuple[str, str]: ("sim", "ESZ6"),
    Mapping[Decimal, Decimal]: {Decimal(5000): Decimal(3)},
    Account: Account(ACCOUNT),
    Balance: Balance(Decimal(1), None, None, None, "USD", AT),
    LedgerBalance: LedgerBalance(Decimal(1), None, AT),
    Instrument: ES,
    AccountGuards: AccountGuards(ACCOUNT, (), AT),
    ScopeStatus: ScopeStatus(KEY),
    EntryOperation: EntryOperation(
        "press", KEY, Side.BUY, EntryStep.PREPARING, AT, AT, Bracket(ExitPoint(Decimal(1))), ()
    ),
    CloseOperation: CloseOperation("A1", KEY, CloseStep.DONE, AT, AT),
    Finding: Finding(KEY, FindingKind.ORPHAN_ORDER, "ST1", order()),
    Recovery: Recovery(False, None, frozenset(), ()),
    ConnectionStatus: ConnectionStatus("sim", Link.READY, AT),
    DatabaseStatus: DatabaseStatus(),
    UnsavedWork: UnsavedWork(1),
    Announcement: announcement(),
    PnlMark: PnlMark.NET,
    QueryResult: QueryResult("equity", EquityFilter(ACCOUNT), 0, EquityFound((), Decimal(0))),
}
# Writers that do not signal, and why: a panel that samples once a frame looks at `version` instead.
SILENT = {"put_tick", "put_quote", "put_session_figures", "put_depth", "drop_depth", "drain_ticks"}
READERS = {"snapshot", "selection_history", "held"}


def public_methods() -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in inspect.getmembers(StateManager, inspect.isfunction)
        if not name.startswith("_")
    }


def writers() -> list[str]:
    return sorted(set(public_methods()) - READERS)


def value_of(annotation: Any) -> Any:
    """Return a value of an annotated type; of `X | None` one of X, of `Iterable[X]` a list of one X."""
    if annotation in VALUES:
        return VALUES[annotation]
    arguments = [one for one in typing.get_args(annotation) if one is not type(None)]
    if typing.get_origin(annotation) is Iterable or typing.get_origin(annotation) is typing.get_origin(Iterable[int]):
        return [value_of(arguments[0])]
    assert arguments, f"StateManager takes a {annotation}: add a value of it to VALUES"
    return value_of(arguments[0])


def call(state: StateManager, name: str) -> Any:
    hints = typing.get_type_hints(public_methods()[name])
    return getattr(state, name)(*(value_of(hint) for parameter, hint in hints.items() if parameter != "return"))


class Ear:
    """Listens to `changed`, and notes whether the sending thread holds the lock."""

    def __init__(self, state: StateManager) -> None:
        self.held: list[bool] = []
        self._state = state
        state.changed.connect(self._hear)

    def _hear(self, sender: object) -> None:
        assert sender is self._state
        self.held.append(self._state.held())


# -- every public writer, found by looking ---------------------------------------------------------------------------


def test_the_writers_are_found() -> None:
    assert {"set_position", "adjust_ledger", "select_account", "halt", "load", "put_tick"} <= set(writers())
    assert not set(writers()) & READERS
    assert set(public_methods()) >= SILENT | READERS


@pytest.mark.parametrize("name", sorted(set(writers()) - SILENT))
def test_a_writer_signals_after_it_has_let_go_of_the_lock(name: str) -> None:
    state = StateManager()
    ear = Ear(state)
    before = state.version
    call(state, name)
    assert ear.held == [False]
    assert state.version > before
    assert state.snapshot().version == state.version


@pytest.mark.parametrize("name", sorted(SILENT))
def test_what_the_market_moves_does_not_signal(name: str) -> None:
    state = StateManager()
    ear = Ear(state)
    call(state, name)
    assert ear.held == []


@pytest.mark.parametrize("name", writers())
def test_no_call_leaves_the_lock_held(name: str) -> None:
    state = StateManager()
    call(state, name)
    assert not state.held()


@pytest.mark.parametrize("name", writers())
def test_a_snapshot_taken_before_a_write_stays_what_it_was(name: str) -> None:
    state = StateManager()
    for each in writers():  # every part holds something
        call(state, each)
    call(state, "set_position")
    taken = state.snapshot()
    copies = {field.name: deepcopy(unfrozen(getattr(taken, field.name))) for field in fields(Snapshot)}
    VALUES_of_other_keys(state)
    call(state, name)
    assert {field.name: unfrozen(getattr(taken, field.name)) for field in fields(Snapshot)} == copies


@pytest.mark.parametrize("name", writers())
def test_a_receiver_may_read_and_write_the_state_it_hears_of(name: str) -> None:
    state = StateManager()
    heard: list[int] = []

    def receiver(sender: StateManager) -> None:
        if len(heard) < 3:
            heard.append(sender.snapshot().version)
            sender.set_instrument("nested", replace(ES, symbol=f"N{len(heard)}"))

    state.changed.connect(receiver)
    call(state, name)
    if name not in SILENT:
        assert len(state.snapshot().instruments) >= 3
        assert heard == sorted(heard)


def unfrozen(part: Any) -> Any:
    return dict(part) if hasattr(part, "items") else part


def VALUES_of_other_keys(state: StateManager) -> None:
    """Write beside what is there already, so that a part changed in place would show."""
    state.set_order(order("ST2"))
    state.set_position(replace(KEY, symbol="NQZ6"), position(3), [fill("E9")])
    state.put_quote("sim", Quote("NQZ6", last=Decimal(1)))
    state.set_studies(studies("NQZ6"))
    state.mark_quotes_stale("sim")


def test_a_part_of_a_snapshot_cannot_be_written_to() -> None:
    state = StateManager()
    for each in writers():
        call(state, each)
    taken = state.snapshot()
    for field in fields(Snapshot):
        part = getattr(taken, field.name)
        if hasattr(part, "items"):
            with pytest.raises(TypeError):
                part["x"] = 1
        with pytest.raises(AttributeError):
            setattr(taken, field.name, part)


# -- what single writers do ------------------------------------------------------------------------------------------


def test_a_flat_scope_is_absent() -> None:
    state = StateManager()
    state.set_position(KEY, position())
    assert state.snapshot().positions[KEY].quantity == 2
    state.set_position(KEY, None)
    assert KEY not in state.snapshot().positions
    state.set_position(KEY, None)
    assert not state.snapshot().positions


def test_only_the_part_that_changed_is_new() -> None:
    state = StateManager()
    for each in writers():
        call(state, each)
    before = state.snapshot()
    state.set_position(KEY, position(5))
    after = state.snapshot()
    same = {field.name for field in fields(Snapshot) if getattr(before, field.name) is getattr(after, field.name)}
    assert {field.name for field in fields(Snapshot)} - same == {"version", "positions"}


def test_a_snapshot_of_an_unchanged_state_is_the_same_object() -> None:
    state = StateManager()
    state.put_quote("sim", Quote("ESZ6", last=Decimal(1)))
    assert state.snapshot() is state.snapshot()


def test_quotes_are_seen_at_the_next_snapshot_though_nothing_signalled() -> None:
    state = StateManager()
    before = state.version
    state.put_quote("sim", Quote("ESZ6", last=Decimal(1)))
    state.put_quote("sim", Quote("ESZ6", last=Decimal(2)))
    assert state.version > before
    assert state.snapshot().quotes["sim", "ESZ6"].last == 2
    assert state.snapshot().version == state.version


def test_session_figures_are_seen_at_the_next_snapshot_and_leave_the_quotes_alone() -> None:
    state = StateManager()
    state.put_quote("sim", Quote("ESZ6", last=Decimal(1)))
    before = state.snapshot()
    state.put_session_figures("sim", SessionFigures("ESZ6", high=Decimal(2)))
    after = state.snapshot()
    assert after.version > before.version
    assert after.session_figures["sim", "ESZ6"].high == 2
    assert after.quotes is before.quotes
    assert not before.session_figures


def test_studies_of_symbols_that_are_not_named_stay() -> None:
    state = StateManager()
    state.set_studies(studies())
    state.set_studies(studies("NQZ6"))
    assert list(state.snapshot().studies) == [("sim", "ESZ6"), ("sim", "NQZ6")]
    state.set_studies({})
    assert len(state.snapshot().studies) == 2


def test_quotes_of_a_lost_line_are_marked_and_others_are_not() -> None:
    state = StateManager()
    state.put_quote("sim", Quote("ESZ6", last=Decimal(1)))
    state.put_quote("live", Quote("ESZ6", last=Decimal(2)))
    state.mark_quotes_stale("sim")
    quotes = state.snapshot().quotes
    assert (quotes["sim", "ESZ6"].stale, quotes["sim", "ESZ6"].last) == (True, Decimal(1))
    assert not quotes["live", "ESZ6"].stale


def test_final_orders_leave_the_view_oldest_first_and_those_alive_never_do() -> None:
    state = StateManager()
    state.set_order(order("alive"))
    for number in range(FINAL_ORDERS_SHOWN + 5):
        state.set_order(order(f"F{number}", OrderState.FILLED))
    names = list(state.snapshot().orders)
    assert names == ["alive", *(f"F{number}" for number in range(5, FINAL_ORDERS_SHOWN + 5))]


def test_an_old_order_that_has_just_ended_is_shown_and_the_one_that_ended_first_goes() -> None:
    state = StateManager()
    state.set_order(order("stop"))
    for number in range(FINAL_ORDERS_SHOWN):
        ended = replace(order(f"F{number}", OrderState.FILLED), updated_at=AT + timedelta(seconds=number))
        state.set_order(ended)
    state.set_order(replace(order("stop", OrderState.FILLED), updated_at=AT + timedelta(hours=1)))
    names = list(state.snapshot().orders)
    assert names == ["stop", *(f"F{number}" for number in range(1, FINAL_ORDERS_SHOWN))]


def test_lists_keep_their_newest_rows() -> None:
    state = StateManager()
    state.set_position(KEY, position(3), [fill(f"E{number}") for number in range(FILLS_SHOWN + 3)])
    for number in range(max(TRADES_SHOWN, NOTICES_SHOWN) + 3):
        state.set_position(KEY, None, (), replace(trade(), note=str(number)))
        state.add_notice(announcement(str(number)))
    shown = state.snapshot()
    assert (len(shown.fills), shown.fills[-1].execution_id) == (FILLS_SHOWN, f"E{FILLS_SHOWN + 2}")
    assert (len(shown.trades), shown.trades[-1].note) == (TRADES_SHOWN, str(NOTICES_SHOWN + 2))
    assert (len(shown.notices), shown.notices[-1].text) == (NOTICES_SHOWN, str(NOTICES_SHOWN + 2))


def test_loading_shows_what_the_database_held() -> None:
    state = StateManager()
    state.load([position()], [order()], [fill()], [trade()])
    shown = state.snapshot()
    assert (list(shown.positions), list(shown.orders), len(shown.fills), len(shown.trades)) == ([KEY], ["ST1"], 1, 1)


def test_money_is_added_to_what_is_known_and_what_is_unknown_stays_so() -> None:
    state = StateManager()
    assert state.adjust_ledger(ACCOUNT, Decimal("-2.5"), AT) == LedgerBalance(None, Decimal("-2.5"), AT)
    state.set_ledger(ACCOUNT, LedgerBalance(Decimal(1000), Decimal(10), AT))
    later = AT + timedelta(seconds=1)
    moved = state.adjust_ledger(ACCOUNT, Decimal("-2.5"), later)
    assert moved == LedgerBalance(Decimal("997.5"), Decimal("7.5"), later)
    assert state.snapshot().ledger[ACCOUNT] == moved


def test_the_broker_s_figure_never_touches_ours() -> None:
    state = StateManager()
    state.set_ledger(ACCOUNT, LedgerBalance(Decimal(1000), None, AT))
    state.set_balance(ACCOUNT, Balance(Decimal(7), None, None, None, "USD", AT))
    shown = state.snapshot()
    assert (shown.ledger[ACCOUNT].cash, shown.balances[ACCOUNT].cash) == (Decimal(1000), Decimal(7))


def test_an_empty_reason_opens_entries_again() -> None:
    state = StateManager()
    state.block_entries("sim", "reading the broker's state")
    assert state.snapshot().entry_block == {"sim": "reading the broker's state"}
    state.block_entries("sim", "")
    assert state.snapshot().entry_block == {}


def test_the_first_reason_of_a_halt_stays_and_the_second_says_nothing() -> None:
    state = StateManager()
    ear = Ear(state)
    state.halt("the disk is full")
    state.halt("something else")
    assert state.snapshot().halted == "the disk is full"
    assert ear.held == [False]


def test_the_newest_answer_of_a_ticket_wins_and_the_number_of_tickets_is_bounded() -> None:
    state = StateManager()
    for number in range(QUERIES_SHOWN + 4):
        state.set_query_result(QueryResult(f"t{number}", EquityFilter(ACCOUNT), 0, None, "old"))
        state.set_query_result(QueryResult("equity", EquityFilter(ACCOUNT), number, None, "no"))
    answers = state.snapshot().queries
    assert len(answers) == QUERIES_SHOWN
    assert answers["equity"].page == QUERIES_SHOWN + 3 and "t0" not in answers and f"t{QUERIES_SHOWN + 3}" in answers


def test_the_history_of_selections_keeps_the_last_hundred_in_order() -> None:
    state = StateManager()
    keys = [AccountKey("sim", f"Sim{number}") for number in range(103)]
    for number, key in enumerate(keys):
        state.select_account(key, AT + timedelta(seconds=number))
    assert [key for key, _ in state.selection_history()] == keys[3:]
    assert state.snapshot().selected_account == keys[-1]


def test_a_raising_receiver_leaves_the_value_written_and_the_lock_free() -> None:
    state = StateManager()

    def receiver(sender: StateManager) -> None:
        raise RuntimeError("a receiver failed")

    state.changed.connect(receiver)
    with pytest.raises(RuntimeError):
        state.set_order(order())
    assert not state.held()
    assert "ST1" in state.snapshot().orders


def test_a_position_its_fills_and_its_trade_are_seen_together() -> None:
    state = StateManager()
    state.set_position(KEY, position(3), [fill("E1")])
    seen = []
    state.changed.connect(lambda sender: seen.append(state.snapshot()), weak=False)
    state.set_position(KEY, None, [fill("E2")], trade())
    (snapshot,) = seen
    assert KEY not in snapshot.positions
    assert [one.execution_id for one in snapshot.fills] == ["E1", "E2"]
    assert snapshot.trades == (trade(),)
