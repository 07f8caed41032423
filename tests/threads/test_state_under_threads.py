"""StateManager among many threads: nothing is lost, nothing is torn, nothing is signalled under the lock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event

from core.events import Announcement, Level
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.market import Quote
from core.model.order import Intent, Order, OrderType
from core.model.position import apply_fill
from core.model.scope import AccountKey, PositionKey
from core.snapshot import Certainty, LedgerBalance, ScopeStatus, Snapshot
from core.state_manager import StateManager
from tests.threads.crowd import WITHIN_S, each, together

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
ACCOUNT = AccountKey("sim", "Sim1")
ES = Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD")


class Listener:
    """Counts signals, and those that came while their thread held the lock."""

    def __init__(self, state: StateManager) -> None:
        self.heard: list[bool] = []  # append is atomic
        self._state = state
        state.changed.connect(self._hear)

    def _hear(self, sender: object) -> None:
        self.heard.append(self._state.held())


def funded(cash: str) -> StateManager:
    state = StateManager()
    state.set_ledger(ACCOUNT, LedgerBalance(Decimal(cash), Decimal(0), AT))
    return state


def test_a_hundred_threads_adjust_a_balance_and_the_result_is_exact() -> None:
    state = funded("10000")
    listener = Listener(state)

    def earn(number: int) -> None:
        for _ in range(20):
            state.adjust_ledger(ACCOUNT, Decimal("10.01"), AT)

    together(*each(100, earn))
    assert state.snapshot().ledger[ACCOUNT] == LedgerBalance(Decimal("30020.00"), Decimal("20020.00"), AT)
    assert listener.heard == [False] * 2000


def test_fifty_wins_and_fifty_losses_mixed_leave_exactly_their_difference() -> None:
    state = funded("10000")

    def trade(number: int) -> None:
        amount = Decimal("125.37") if number % 2 else Decimal("-100.12")
        state.adjust_ledger(ACCOUNT, amount, AT)

    together(*each(100, trade))
    expected = 50 * (Decimal("125.37") - Decimal("100.12"))
    assert state.snapshot().ledger[ACCOUNT] == LedgerBalance(Decimal(10000) + expected, expected, AT)


def test_what_each_adjustment_returns_is_a_balance_that_really_was() -> None:
    state = funded("0")
    seen: list[Decimal | None] = []
    together(*each(100, lambda number: seen.append(state.adjust_ledger(ACCOUNT, Decimal(1), AT).cash)))
    assert sorted(cash for cash in seen if cash is not None) == [Decimal(number) for number in range(1, 101)]


def test_a_hundred_threads_set_keys_and_none_is_lost() -> None:
    state = StateManager()

    def define(number: int) -> None:
        for step in range(5):
            state.set_instrument("sim", replace(ES, symbol=f"S{number}-{step}"))
            state.set_scope(ScopeStatus(PositionKey("sim", "Sim1", f"S{number}-{step}")))

    together(*each(100, define))
    shown = state.snapshot()
    expected = {f"S{number}-{step}" for number in range(100) for step in range(5)}
    assert {symbol for _, symbol in shown.instruments} == expected
    assert {key.symbol for key in shown.scopes} == expected
    assert shown.version == 1000


def test_a_hundred_threads_append_and_every_row_is_there_once() -> None:
    state = StateManager()

    def say(number: int) -> None:
        for step in range(4):
            state.add_notice(Announcement(Level.INFO, f"{number}-{step}", AT))

    together(*each(100, say))
    texts = [notice.text for notice in state.snapshot().notices]
    assert sorted(texts) == sorted(f"{number}-{step}" for number in range(100) for step in range(4))
    for number in range(100):  # and each thread's own in its own order
        mine = [text for text in texts if text.startswith(f"{number}-")]
        assert mine == [f"{number}-{step}" for step in range(4)]


def test_fifty_threads_change_the_selected_account_and_the_history_is_exact() -> None:
    state = StateManager()
    listener = Listener(state)
    choices = {AccountKey("sim", f"Sim{number}"): AT + timedelta(seconds=number) for number in range(50)}
    keys = list(choices)
    together(*each(50, lambda number: state.select_account(keys[number], choices[keys[number]])))
    history = state.selection_history()
    assert sorted(history) == sorted(choices.items())
    assert state.snapshot().selected_account == history[-1][0]
    assert listener.heard == [False] * 50


def test_of_fifty_threads_that_halt_the_first_reason_stays_and_one_signal_is_sent() -> None:
    state = StateManager()
    listener = Listener(state)
    seen: list[str] = []

    def halt(number: int) -> None:
        state.halt(f"reason {number}")
        seen.append(state.snapshot().halted)

    together(*each(50, halt))
    assert len(set(seen)) == 1 and seen[0].startswith("reason ")
    assert listener.heard == [False]


def test_a_receiver_that_reads_and_writes_among_threads_neither_locks_up_nor_loses_anything() -> None:
    state = StateManager()

    def receiver(sender: StateManager) -> None:
        shown = sender.snapshot()
        if len(shown.notices) < len(shown.scopes):
            sender.add_notice(Announcement(Level.INFO, str(len(shown.scopes)), AT))

    state.changed.connect(receiver)
    together(*each(50, lambda number: state.set_scope(ScopeStatus(PositionKey("sim", "Sim1", str(number))))))
    shown = state.snapshot()
    assert len(shown.scopes) == 50
    assert len(shown.notices) >= 50


# -- a reader beside a writer ----------------------------------------------------------------------------------------


def generation(number: int) -> tuple[list[Order], list[Fill]]:
    """Return orders and fills that belong together: both say the number."""
    key = PositionKey("sim", "Sim1", "ESZ6")
    quantity = Decimal(number + 1)
    orders = [
        Order(key, f"O{row}", Side.BUY, Intent.OPEN, OrderType.MARKET, quantity, AT, AT, reason=str(number))
        for row in range(5)
    ]
    fills = [Fill(key, f"{number}-{row}", Side.BUY, quantity, Decimal(5000), AT, AT) for row in range(5)]
    return orders, fills


def check_whole(shown: Snapshot) -> None:
    """A snapshot is of one generation in all its parts."""
    numbers = {order.reason for order in shown.orders.values()}
    numbers |= {fill.execution_id.split("-")[0] for fill in shown.fills}
    numbers |= {str(position.quantity - 1) for position in shown.positions.values()}
    assert len(numbers) <= 1, numbers


def test_a_reader_beside_a_writer_sees_whole_generations_and_never_a_torn_one() -> None:
    state, done, watched = StateManager(), Event(), Event()
    seen: list[Snapshot] = []

    def write() -> None:
        try:
            for number in range(300):
                assert number == 0 or watched.wait(WITHIN_S)
                orders, fills = generation(number)
                position = apply_fill(None, fills[0], ES).after
                assert position is not None
                state.load([position], orders, fills, [])
        finally:
            done.set()

    def read() -> None:
        latest, over = -1, False
        while not over:
            over = done.is_set()  # and one more look after the last write
            shown = state.snapshot()
            watched.set()
            check_whole(shown)
            assert shown.version >= latest
            latest = shown.version
            seen.append(shown)

    together(write, read, read, read)
    assert len({shown.version for shown in seen}) > 1
    assert max(shown.version for shown in seen) == 300
    for shown in seen:  # and none was touched after it was taken
        check_whole(shown)


def test_a_version_stands_for_one_content_whoever_reads_it() -> None:
    state, done = StateManager(), Event()
    read: list[list[Snapshot]] = [[], [], []]

    def write() -> None:
        try:
            for number in range(500):
                state.put_quote("sim", Quote("ESZ6", last=Decimal(number)))
                if number % 5 == 0:
                    status = ScopeStatus(PositionKey("sim", "Sim1", "ESZ6"), broker_quantity=Decimal(number))
                    state.set_scope(replace(status, certainty=Certainty.CONFIRMED))
        finally:
            done.set()

    def watch(mine: list[Snapshot]) -> None:
        while not done.is_set():
            mine.append(state.snapshot())

    together(write, *(lambda mine=mine: watch(mine) for mine in read))
    content: dict[int, tuple[object, object]] = {}
    for mine in read:
        versions = [shown.version for shown in mine]
        assert versions == sorted(versions)
        for shown in mine:
            # A quote is never older than a scope that was written after it.
            for status in shown.scopes.values():
                last = shown.quotes["sim", "ESZ6"].last
                assert last is not None and status.broker_quantity is not None and last >= status.broker_quantity
            parts = (dict(shown.quotes), dict(shown.scopes))
            assert content.setdefault(shown.version, parts) == parts


def test_snapshots_taken_among_writers_are_never_touched_again() -> None:
    state, done = StateManager(), Event()
    taken: list[tuple[Snapshot, dict[object, object], dict[object, object], tuple[object, ...]]] = []

    def write(number: int) -> None:
        for step in range(40):
            state.set_instrument("sim", replace(ES, symbol=f"S{number}-{step}"))
            state.put_quote("sim", Quote(f"S{number}", last=Decimal(step)))
            state.mark_quotes_stale("sim")
            state.add_notice(Announcement(Level.INFO, f"{number}-{step}", AT))

    def keep() -> None:
        while not taken or not (done.is_set() or len(taken) == 2000):
            shown = state.snapshot()
            taken.append((shown, dict(shown.instruments), dict(shown.quotes), tuple(shown.notices)))

    def write_all() -> None:
        try:
            together(*each(8, write))
        finally:
            done.set()

    together(write_all, keep)
    for shown, instruments, quotes, notices in taken:
        assert (dict(shown.instruments), dict(shown.quotes), shown.notices) == (instruments, quotes, notices)
