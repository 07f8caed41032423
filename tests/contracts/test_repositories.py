"""One suite for the database and for its stand-in in memory, so that the stand-in cannot drift."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.errors import DomainError, DuplicateFill, PersistenceError
from core.model.equity import EquityKind, EquityPoint
from core.model.fill import FillSource, Side
from core.model.instrument import Instrument
from core.model.operation import CloseChoice, CloseOperation, CloseStep, CloseWay
from core.model.order import Held, Intent, Order, OrderState, OrderType, TimeInForce
from core.model.position import apply_fill, revalue, track
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.model.session_marks import SessionMarks
from core.model.trade import Trade
from core.ports import (
    AccountRepository,
    AuditLog,
    LastRun,
    OperationRepository,
    OrderRepository,
    PositionRepository,
    RunRepository,
    StoreHealth,
    TradeRepository,
)
from core.queries import EquityFilter, TradeFilter
from data.store import Store
from tests.data.books import ACCOUNT, ES, ES_CONTRACT, START, book, fill, fresh_store
from tests.fakes.repositories import InMemoryStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Store | InMemoryStore]:
    if request.param == "memory":
        yield InMemoryStore()
        return
    with fresh_store() as real:
        yield real


@pytest.fixture
def positions(store: Store | InMemoryStore) -> PositionRepository:
    store.accounts.save_instrument("sim", ES_CONTRACT, ())
    return store.positions


@pytest.fixture
def orders(store: Store | InMemoryStore) -> OrderRepository:
    return store.orders


@pytest.fixture
def operations(store: Store | InMemoryStore) -> OperationRepository:
    return store.operations


@pytest.fixture
def accounts(store: Store | InMemoryStore) -> AccountRepository:
    return store.accounts


@pytest.fixture
def runs(store: Store | InMemoryStore) -> RunRepository:
    return store.runs


def an_order(name: str = "ST01", state: OrderState = OrderState.SENT, quantity: str = "2") -> Order:
    return Order(
        key=ES,
        client_order_id=name,
        side=Side.BUY,
        intent=Intent.OPEN,
        type=OrderType.STOP_LIMIT,
        quantity=Decimal(quantity),
        created_at=START,
        updated_at=START,
        price=Decimal("5000.25"),
        trigger_price=Decimal("5000"),
        time_in_force=TimeInForce.GTC,
        state=state,
        filled_quantity=Decimal("0.5"),
        server_order_id="4711",
        held=Held.LOCAL,
        reason="because",
        action_id="press-1",
        parent_client_order_id="ST00",
        oco_client_order_id="ST02",
        external=True,
    )


def an_operation(step: CloseStep = CloseStep.ASKING, name: str = "press-7") -> CloseOperation:
    return CloseOperation(
        operation_id=name,
        key=ES,
        step=step,
        started_at=START,
        step_since=START + timedelta(seconds=3),
        branch="B3",
        text="The broker refused: “no”",
        choices=(CloseChoice.RETRY, CloseChoice.CANCEL),
        quantity=Decimal("2.5"),
        close_order_id="ST09",
        cancelled=("ST03", "ST04"),
        attempts=2,
        reverse=Decimal("-2.5"),
        way=CloseWay.CLIPS,
        clip=Decimal("1.5"),
        put_back=("ST05",),
    )


# Positions and the ledger


def test_the_legs_of_an_execution_are_found_by_its_id_in_its_account(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "1"), fill("e2", Side.SELL, "3")])
    assert [(one.leg, one.quantity) for one in positions.fills_of(ACCOUNT, "e2")] == [(0, Decimal(1)), (1, Decimal(2))]
    assert positions.fills_of(ACCOUNT, "e3") == () == positions.fills_of(AccountKey("sim", "Sim2"), "e2")


def test_the_newest_correction_of_a_scope_is_found_however_old_it_is(positions: PositionRepository) -> None:
    assert positions.corrected_at(ES) is None
    later = START + timedelta(hours=1)
    book(positions, [fill("e1", Side.BUY, "1"), replace(fill("R1", Side.BUY, "1"), source=FillSource.RECON)])
    book(positions, [replace(fill("M1", Side.SELL, "1"), source=FillSource.MANUAL, received_at=later)])
    book(positions, [replace(fill("e2", Side.SELL, "1"), received_at=later + timedelta(hours=1))])
    assert positions.corrected_at(ES) == later
    assert positions.corrected_at(replace(ES, account="Sim2")) is None


def test_an_opened_position_is_read_back_as_it_was(positions: PositionRepository) -> None:
    change = book(positions, [fill("e1", Side.SELL, "2.5", "5000.25")])
    assert change is not None and positions.get_open_position(ES) == change.after
    assert positions.recover_all_open_positions() == (change.after,)


def test_a_scope_without_fills_has_no_position(positions: PositionRepository) -> None:
    assert positions.get_open_position(ES) is None
    assert positions.recover_all_open_positions() == ()


def test_adding_and_reducing_change_the_one_position(positions: PositionRepository) -> None:
    change = book(positions, [fill("e1", Side.BUY, "2"), fill("e2", Side.BUY, "1", "5001"), fill("e3", Side.SELL, "1")])
    assert change is not None and positions.recover_all_open_positions() == (change.after,)
    assert positions.recent_trades(9) == ()
    positions.prove()


def test_a_close_leaves_a_trade_and_no_position(positions: PositionRepository) -> None:
    change = book(positions, [fill("e1", Side.BUY, "2"), fill("e2", Side.SELL, "2", "5010")])
    assert change is not None
    assert positions.get_open_position(ES) is None
    assert positions.recent_trades(9) == (change.trade,)
    positions.prove()


@pytest.mark.row(63)
def test_a_reversal_is_two_legs_a_trade_and_the_other_side(positions: PositionRepository) -> None:
    change = book(positions, [fill("e1", Side.BUY, "2"), fill("e2", Side.SELL, "5", "5010", commission="5")])
    assert change is not None and change.after is not None and change.after.quantity == -3
    assert positions.get_open_position(ES) == change.after
    assert positions.recent_trades(9) == (change.trade,)
    assert [(leg.execution_id, leg.leg, leg.quantity, leg.commission) for leg in positions.recent_fills(2)] == [
        ("e2", 0, Decimal(2), Decimal(2)),
        ("e2", 1, Decimal(3), Decimal(3)),
    ]
    positions.prove()


def test_the_sessions_figures_stay_as_they_were_at_the_entry_and_end_up_in_the_trade(
    positions: PositionRepository,
) -> None:
    first, then = (SessionMarks(Decimal("4999.875"), Decimal(delta), Decimal("4999.5")) for delta in (-120, 40))
    position = None
    for each, marks in (
        (fill("e1", Side.BUY, "2"), first),
        (fill("e2", Side.BUY, "1"), then),
        (fill("e3", Side.SELL, "1"), then),
        (fill("e4", Side.SELL, "5"), then),
    ):
        change = apply_fill(position, each, ES_CONTRACT, marks)
        positions.record(change, Mode.SIM, "test")
        position = positions.get_open_position(ES)
        assert position == change.after
    (trade,) = positions.recent_trades(9)
    assert trade == change.trade
    assert (trade.entry_marks, trade.exit_marks) == (first, then)
    assert position is not None and (position.quantity, position.entry_marks) == (Decimal(-3), then)


def test_the_time_under_water_is_kept_with_the_trade(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "1")])
    stored = positions.get_open_position(ES)
    assert stored is not None
    wet = track(stored, Decimal(4999), ES_CONTRACT, START)
    end = replace(fill("e2", Side.SELL, "1", "4999"), received_at=START + timedelta(seconds=42))
    positions.record(apply_fill(wet, end, ES_CONTRACT), Mode.SIM, "test")
    (trade,) = positions.recent_trades(9)
    assert (trade.heat_total_s, trade.heat_max_s) == (42, 42)


@pytest.mark.row(52)
def test_a_repeated_execution_changes_nothing(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "2")])
    before = positions.get_open_position(ES)
    with pytest.raises(DuplicateFill, match="e1"):
        book(positions, [fill("e1", Side.BUY, "2")])
    assert positions.get_open_position(ES) == before
    assert len(positions.recent_fills(9)) == 1


@pytest.mark.row(63)
def test_a_repeated_reversal_changes_nothing(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "2"), fill("e2", Side.SELL, "5")])
    with pytest.raises(DuplicateFill):
        book(positions, [fill("e2", Side.SELL, "5")])
    # Even a part of it: its second leg only.
    with pytest.raises(DuplicateFill):
        book(positions, [fill("e2", Side.SELL, "3", leg=1)])
    assert len(positions.recent_fills(9)) == 3


def test_the_same_execution_id_of_another_account_is_another_fill(positions: PositionRepository) -> None:
    other = PositionKey("sim", "Sim2", "ESZ6")
    book(positions, [fill("e1", Side.BUY, "2"), fill("e1", Side.SELL, "1", key=other)])
    assert [(each.key.account, each.quantity) for each in positions.recover_all_open_positions()] == [
        ("Sim1", Decimal(2)),
        ("Sim2", Decimal(-1)),
    ]
    assert positions.has_fill(ACCOUNT, "e1") and not positions.has_fill(AccountKey("sim", "Sim3"), "e1")


def test_the_next_leg_of_an_execution_is_another_fill(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "2"), fill("e1", Side.BUY, "1", leg=1)])
    stored = positions.get_open_position(ES)
    assert stored is not None and stored.quantity == 3


def test_a_change_computed_from_an_old_position_is_refused(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "2")])
    old = positions.get_open_position(ES)
    book(positions, [fill("e2", Side.BUY, "1")])
    for stale in (old, None):
        with pytest.raises(PersistenceError):
            positions.record(apply_fill(stale, fill("e3", Side.SELL, "2"), ES_CONTRACT), Mode.SIM, "test")
    assert not positions.has_fill(ACCOUNT, "e3")
    book(positions, [fill("e4", Side.SELL, "3")])
    with pytest.raises(PersistenceError):
        positions.record(apply_fill(old, fill("e5", Side.SELL, "1"), ES_CONTRACT), Mode.SIM, "test")
    positions.prove()


def test_annotations_are_stored_and_nothing_else(positions: PositionRepository) -> None:
    book(positions, [fill("e1", Side.BUY, "2")])
    stored = positions.get_open_position(ES)
    assert stored is not None
    seen = track(track(stored, Decimal("4990"), ES_CONTRACT, START), Decimal("5020.5"), ES_CONTRACT, START)
    seen = replace(seen, stop_price=Decimal("4980"), target_price=Decimal("5050"), initial_risk=Decimal("2000"))
    positions.update_trade_extremes([replace(seen, entry_price=Decimal(1), commissions=None)])
    assert positions.get_open_position(ES) == seen
    assert (seen.mae, seen.mfe, seen.min_price) == (Decimal(1000), Decimal(2050), Decimal(4990))
    positions.prove()


def test_annotating_no_position_is_nothing(positions: PositionRepository) -> None:
    positions.update_trade_extremes([])


def test_annotations_of_a_position_that_is_gone_are_refused(positions: PositionRepository) -> None:
    change = book(positions, [fill("e1", Side.BUY, "2"), fill("e2", Side.SELL, "2")])
    assert change is not None and change.before is not None
    with pytest.raises(PersistenceError):
        positions.update_trade_extremes([change.before])


def test_the_ledger_tells_what_an_order_filled(positions: PositionRepository) -> None:
    book(
        positions,
        [
            fill("e1", Side.BUY, "0.1", order="ST01"),
            fill("e2", Side.BUY, "0.2", order="ST01"),
            fill("e3", Side.SELL, "1.3", order="ST02"),
            fill("e4", Side.SELL, "1"),
        ],
    )
    filled = positions.filled_by_order(["ST01", "ST02", "ST03"])
    assert dict(filled) == {"ST01": Decimal("0.3"), "ST02": Decimal("1.3")}
    assert positions.filled_by_order([]) == {}


def test_the_newest_are_returned_oldest_first(positions: PositionRepository) -> None:
    fills = [fill(f"e{number}", Side.BUY if number % 2 else Side.SELL, "1") for number in range(1, 9)]
    book(positions, fills)
    assert positions.recent_fills(3) == tuple(fills[-3:])
    assert [trade.quantity for trade in positions.recent_trades(2)] == [1, 1]
    assert len(positions.recent_trades(9)) == 4


def test_what_is_unknown_stays_unknown(positions: PositionRepository) -> None:
    unknown = fill("M1", Side.BUY, "2", None, commission=None, source=FillSource.MANUAL)
    adopted = replace(unknown, fill_time=None)
    change = book(positions, [adopted], Instrument("ESZ6"))
    assert change is not None and change.after is not None
    assert positions.get_open_position(ES) == change.after
    assert (change.after.entry_price, change.after.entry_time, change.after.commissions) == (None, None, None)
    assert positions.recent_fills(1) == (adopted,)
    positions.prove()
    change = book(positions, [fill("e2", Side.SELL, "2")])
    assert change is not None and positions.recent_trades(1) == (change.trade,)
    assert change.trade is not None and change.trade.realized_pnl is None
    positions.prove()


def test_a_contract_that_becomes_known_values_what_is_open(store: Store | InMemoryStore) -> None:
    positions: PositionRepository = store.positions
    unknown = Instrument("ESZ6")
    book(positions, [fill("e1", Side.BUY, "3"), fill("e2", Side.SELL, "1", "5004")], unknown)
    stored = positions.get_open_position(ES)
    assert stored is not None and stored.realized_pnl is None
    positions.prove()
    store.accounts.save_instrument("sim", ES_CONTRACT, [revalue(stored, ES_CONTRACT)])
    valued = positions.get_open_position(ES)
    assert valued is not None and (valued.realized_pnl, valued.currency) == (Decimal(200), "USD")
    positions.prove()


# Orders


def test_an_order_is_read_back_as_it_was(orders: OrderRepository) -> None:
    orders.save(an_order(), Mode.SIM, "press")
    assert orders.alive() == (an_order(),)
    assert orders.recent(5) == (an_order(),)


def test_saving_an_order_again_keeps_its_place(orders: OrderRepository) -> None:
    first, second = an_order("ST01"), an_order("ST02")
    orders.save(first, None, "press")
    orders.save(second, None, "press")
    working = replace(first, state=OrderState.WORKING, price=None, reason="", updated_at=START + timedelta(seconds=1))
    orders.save(working, None, "acknowledged")
    assert orders.alive() == (working, second)


def test_an_order_is_found_by_its_name_as_it_was_saved_last(orders: OrderRepository) -> None:
    assert orders.get("ST01") is None
    orders.save(an_order(), Mode.SIM, "test")
    orders.save(an_order(state=OrderState.FILLED), Mode.SIM, "test")
    assert orders.get("ST01") == an_order(state=OrderState.FILLED) and orders.get("ST02") is None


@pytest.mark.parametrize("state", OrderState)
def test_an_order_is_alive_until_its_state_is_final(orders: OrderRepository, state: OrderState) -> None:
    order = an_order(state=state)
    orders.save(order, Mode.LIVE, "test")
    assert orders.alive() == ((order,) if order.is_alive else ())
    assert orders.recent(1) == (order,)


def test_the_newest_orders_are_returned_oldest_first(orders: OrderRepository) -> None:
    for number in range(6):
        orders.save(an_order(f"ST{number}"), None, "test")
    assert [order.client_order_id for order in orders.recent(3)] == ["ST3", "ST4", "ST5"]


# Operations


@pytest.mark.parametrize("step", CloseStep)
@pytest.mark.parametrize("asks", [True, False])
def test_an_operation_is_unfinished_until_it_is_over_and_asks_nothing(
    operations: OperationRepository, step: CloseStep, asks: bool
) -> None:
    operation = replace(an_operation(step), choices=(CloseChoice.RETRY,) if asks else (), cancelled=())
    operations.save(operation, Mode.SIM)
    assert operations.unfinished() == (() if operation.is_over and not asks else (operation,))


def test_an_operation_that_took_protection_away_before_the_line_fell_is_unfinished(
    operations: OperationRepository,
) -> None:
    operation = replace(an_operation(CloseStep.LINK_DOWN), choices=())
    operations.save(operation, Mode.SIM)
    assert operations.unfinished() == (operation,)


def test_an_operation_is_moved_in_its_place(operations: OperationRepository) -> None:
    operations.save(an_operation(name="a"), None)
    operations.save(an_operation(name="b"), None)
    moved = replace(an_operation(CloseStep.SENT, "a"), quantity=None, choices=(), cancelled=(), text="")
    operations.save(moved, None)
    assert operations.unfinished() == (moved, an_operation(name="b"))


# Accounts, contracts, money


def test_an_account_is_read_back_as_it_was(accounts: AccountRepository) -> None:
    accounts.save(Account(ACCOUNT, None, "", False))
    accounts.save(Account(AccountKey("sim", "Sim2"), Mode.EVAL, "EUR", True))
    accounts.save(Account(ACCOUNT, Mode.SIM, "USD", False))
    assert accounts.accounts() == (
        Account(ACCOUNT, Mode.SIM, "USD", False),
        Account(AccountKey("sim", "Sim2"), Mode.EVAL, "EUR", True),
    )


def test_the_first_anchor_stays(accounts: AccountRepository) -> None:
    assert accounts.fills_anchor(ACCOUNT) is None
    accounts.save(Account(ACCOUNT, Mode.SIM, "USD"))
    assert accounts.fills_anchor(ACCOUNT) is None
    accounts.set_fills_anchor(ACCOUNT, START)
    accounts.set_fills_anchor(ACCOUNT, START + timedelta(days=1))
    accounts.save(Account(ACCOUNT, Mode.EVAL, "USD"))
    assert accounts.fills_anchor(ACCOUNT) == START
    assert accounts.accounts() == (Account(ACCOUNT, Mode.EVAL, "USD"),)


def test_an_anchor_may_come_before_the_account(accounts: AccountRepository) -> None:
    accounts.set_fills_anchor(ACCOUNT, START)
    assert accounts.fills_anchor(ACCOUNT) == START
    assert accounts.fills_anchor(AccountKey("sim", "Sim2")) is None


def test_a_contract_is_read_back_as_it_was(accounts: AccountRepository) -> None:
    bare = Instrument("BTC-PERP", quantity_step=Decimal("0.001"))
    accounts.save_instrument("sim", ES_CONTRACT, ())
    accounts.save_instrument("sim", bare, ())
    accounts.save_instrument("other", replace(ES_CONTRACT, tick_value=Decimal("1.25")), ())
    accounts.save_instrument("sim", replace(ES_CONTRACT, description="new words"), ())
    assert accounts.instruments() == {
        ("sim", "ESZ6"): replace(ES_CONTRACT, description="new words"),
        ("sim", "BTC-PERP"): bare,
        ("other", "ESZ6"): replace(ES_CONTRACT, tick_value=Decimal("1.25")),
    }


def test_our_money_figure_is_the_last_one_stored(accounts: AccountRepository) -> None:
    assert accounts.last_equity(ACCOUNT) is None
    for kind, cash in (("ANCHOR", "50000"), ("TRADE", "-12.34"), ("RESET", "10000.5")):
        accounts.add_equity_point(ACCOUNT, kind, Decimal(cash), START)
        assert accounts.last_equity(ACCOUNT) == Decimal(cash)
    assert accounts.last_equity(AccountKey("other", "Sim1")) is None


def test_a_fill_moves_our_money_figure_in_its_own_commit(
    positions: PositionRepository, accounts: AccountRepository
) -> None:
    accounts.save(Account(ACCOUNT, Mode.SIM, "USD"))
    bought = fill("E1", Side.BUY, "2", commission="4.20")
    change = apply_fill(None, bought, ES_CONTRACT)
    positions.record(change, Mode.SIM, "before the anchor")
    assert accounts.last_equity(ACCOUNT) is None
    accounts.add_equity_point(ACCOUNT, "ANCHOR", Decimal(50_000), START)
    sold = fill("E2", Side.SELL, "1", "5010")
    change = apply_fill(change.after, sold, ES_CONTRACT)
    positions.record(change, Mode.SIM, "closing one")
    assert accounts.last_equity(ACCOUNT) == Decimal("50497.90")
    with pytest.raises(DuplicateFill):
        positions.record(change, Mode.SIM, "again")
    assert accounts.last_equity(ACCOUNT) == Decimal("50497.90")
    change = apply_fill(change.after, fill("E3", Side.SELL, "1", None, commission=None), ES_CONTRACT)
    positions.record(change, Mode.SIM, "at an unknown price, free of costs")
    assert accounts.last_equity(ACCOUNT) == Decimal("50497.90")


def test_money_of_another_currency_moves_nothing(positions: PositionRepository, accounts: AccountRepository) -> None:
    accounts.save(Account(ACCOUNT, Mode.SIM, "EUR"))
    accounts.add_equity_point(ACCOUNT, "ANCHOR", Decimal(50_000), START)
    change = apply_fill(None, fill("E1", Side.BUY, "2", commission="4.20"), ES_CONTRACT)
    positions.record(change, Mode.SIM, "in dollars")
    assert accounts.last_equity(ACCOUNT) == Decimal(50_000)


@pytest.mark.parametrize("currency", ["", "USD", "EUR"])
def test_an_account_mixes_currencies_once_it_held_something_of_another(
    store: Store | InMemoryStore, currency: str
) -> None:
    accounts, positions, mixed = store.accounts, store.positions, currency == "EUR"
    accounts.save(Account(ACCOUNT, Mode.SIM, currency))
    accounts.add_equity_point(ACCOUNT, "ANCHOR", Decimal(50_000), START)
    assert not accounts.mixes_currencies(ACCOUNT)
    opened = apply_fill(None, fill("E1", Side.BUY, "2", commission="4.20"), ES_CONTRACT)
    closed = apply_fill(opened.after, fill("E2", Side.SELL, "2", commission="4.20"), ES_CONTRACT)
    for change in (opened, closed):
        positions.record(change, Mode.SIM, "in dollars")
        assert accounts.mixes_currencies(ACCOUNT) is mixed
        assert not accounts.mixes_currencies(AccountKey("sim", "Sim2"))
    assert bool(store.trades.equity(EquityFilter(ACCOUNT))) is not mixed
    assert (store.trades.trades(TradeFilter(ACCOUNT, Mode.SIM))[1] is None) is mixed


def test_our_money_figure_at_a_moment_is_the_newest_before_it_else_the_first(accounts: AccountRepository) -> None:
    assert accounts.equity_at(ACCOUNT, START) is None
    for hours, cash in ((0, "100"), (1, "90"), (2, "95")):
        accounts.add_equity_point(ACCOUNT, "TRADE", Decimal(cash), START + timedelta(hours=hours))
    found = [accounts.equity_at(ACCOUNT, START + timedelta(hours=hours)) for hours in (-5, 1, 1.5, 9)]
    assert found == [Decimal(cash) for cash in ("100", "100", "90", "95")]


def test_an_account_began_anew_with_the_money_of_its_newest_reset_since_a_moment(accounts: AccountRepository) -> None:
    assert accounts.reset_since(ACCOUNT, START) is None
    for hours, kind, cash in ((0, "ANCHOR", "100"), (1, "RESET", "80"), (2, "RESET", "70"), (3, "TRADE", "60")):
        accounts.add_equity_point(ACCOUNT, kind, Decimal(cash), START + timedelta(hours=hours))
    assert accounts.reset_since(ACCOUNT, START) == accounts.reset_since(ACCOUNT, START + timedelta(hours=2)) == 70
    assert accounts.reset_since(ACCOUNT, START + timedelta(hours=2, seconds=1)) is None
    assert accounts.reset_since(AccountKey("sim", "Sim2"), START) is None


# Runs


def test_the_first_run_has_none_before_it(runs: RunRepository) -> None:
    assert runs.begin(START) is None


def test_a_run_that_did_not_end_was_alive_at_its_last_beat(runs: RunRepository) -> None:
    runs.begin(START)
    runs.beat(START + timedelta(seconds=5))
    assert runs.begin(START + timedelta(hours=1)) == LastRun(clean=False, alive_at=START + timedelta(seconds=5))


def test_a_run_that_ended_was_clean(runs: RunRepository) -> None:
    runs.begin(START)
    runs.end(START + timedelta(seconds=9))
    assert runs.begin(START + timedelta(hours=1)) == LastRun(clean=True, alive_at=START + timedelta(seconds=9))
    assert runs.begin(START + timedelta(hours=2)) == LastRun(clean=False, alive_at=START + timedelta(hours=1))


# All of them


def test_every_port_is_satisfied(store: Store | InMemoryStore) -> None:
    audit: AuditLog = store.audit
    health: StoreHealth = store if isinstance(store, InMemoryStore) else store.database
    assert health.commit_ms() is None
    audit.append("setting", "theme is dark", key=None, mode=None, cause="menu", data={"theme": "dark"})
    latency = health.commit_ms()
    assert latency is not None and latency >= 0


def test_a_refusal_is_of_the_domain_or_of_the_disk() -> None:
    assert issubclass(DuplicateFill, DomainError) and not issubclass(PersistenceError, DomainError)


# Closed trades and equity, as the query thread reads them


def round_trip(positions: PositionRepository, number: int, mode: Mode | None, key: PositionKey = ES) -> Trade:
    later = timedelta(minutes=number)
    opening = replace(fill(f"O{number}", Side.BUY, "1", key=key), fill_time=START + later)
    closing = replace(fill(f"C{number}", Side.SELL, "1", key=key), fill_time=START + 2 * later)
    opened = apply_fill(None, opening, ES_CONTRACT)
    ended = apply_fill(opened.after, closing, ES_CONTRACT)
    for change in (opened, ended):
        positions.record(change, mode, "test")
    assert ended.trade is not None
    return ended.trade


def test_trades_are_found_by_account_and_mode_in_the_order_of_their_exits(
    store: Store | InMemoryStore, positions: PositionRepository
) -> None:
    other = PositionKey("sim", "Sim2", "ESZ6")
    sim = [round_trip(positions, number, Mode.SIM) for number in (1, 2)]
    live, unclassified = round_trip(positions, 3, Mode.LIVE), round_trip(positions, 4, None)
    elsewhere = round_trip(positions, 5, Mode.SIM, other)
    trades: TradeRepository = store.trades
    for wanted, expected in (
        (TradeFilter(ACCOUNT, Mode.SIM), sim),
        (TradeFilter(ACCOUNT, Mode.LIVE), [live]),
        (TradeFilter(ACCOUNT, None), [unclassified]),
        (TradeFilter(ACCOUNT, Mode.SIM, others=frozenset({Mode.LIVE})), [*sim, live]),
        (TradeFilter(ACCOUNT, Mode.LIVE, others=frozenset({None})), [live, unclassified]),
        (TradeFilter(other.account_key, Mode.SIM), [elsewhere]),
        (TradeFilter(ACCOUNT, Mode.SIM, sim[1].exit_time), [one for one in sim if one.exit_time >= sim[1].exit_time]),
        (TradeFilter(ACCOUNT, Mode.SIM, START + timedelta(days=400)), []),
    ):
        assert trades.trades(wanted)[0] == tuple(expected), wanted


def test_equity_begins_with_the_figure_the_wanted_time_found(store: Store | InMemoryStore) -> None:
    trades: TradeRepository = store.trades
    assert trades.equity(EquityFilter(ACCOUNT)) == () and trades.trades(TradeFilter(ACCOUNT, None)) == ((), None)
    for minute, (kind, cash) in enumerate(
        (("ANCHOR", "1000"), ("TRADE", "995.5"), ("RESET", "2000"), ("TRADE", "2010"))
    ):
        store.accounts.add_equity_point(ACCOUNT, kind, Decimal(cash), START + timedelta(minutes=minute))
    every = trades.equity(EquityFilter(ACCOUNT))
    assert [(point.kind.value, point.cash) for point in every][2:] == [
        ("RESET", Decimal(2000)),
        ("TRADE", Decimal(2010)),
    ]
    since = START + timedelta(minutes=1, seconds=30)
    assert trades.equity(EquityFilter(ACCOUNT, since)) == (
        EquityPoint(since, Decimal("995.5"), EquityKind.ANCHOR),
        *every[2:],
    )
    assert trades.equity(EquityFilter(ACCOUNT, START)) == every
    bases = [trades.trades(TradeFilter(ACCOUNT, None, at))[1] for at in (None, START, since, START + timedelta(days=1))]
    assert bases == [Decimal(1000), Decimal(1000), Decimal("995.5"), Decimal(2010)]
