"""The acceptance list of the trading window, item by item, on the services together or the whole view.

What needs a process of its own (a kill at every step, five thousand updates a second, a monitor unplugged) is proven in
`end_to_end/` and `benchmarks/`; here each number stands once, in the shortest form that can fail.
"""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core import commands
from core.commands import ArmAccount, ClosePosition, DecideRecovery, SubmitOrder
from core.errors import PersistenceError
from core.model.fill import Side
from core.model.finding import FindingKind
from core.model.instrument import Instrument
from core.model.market import TradingStatus
from core.model.order import Intent, OrderType
from core.model.price_format import read_price
from core.model.scope import Mode
from core.model.session import GLOBEX_EQUITY_INDEX, trading_day
from core.snapshot import Certainty
from panels.mode_band import ModeBand, band_words
from panels.shown import shown_in
from panels.theme import load_theme
from tests.fakes.broker import Answers, FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, ES, Desk
from tests.panels.conftest import Bench
from tests.panels.worlds import NOW, flat, in_mode, long_two, quote


def closings(desk: Desk) -> int:
    return sum(one.intent is Intent.CLOSE for one in desk.broker.received)


def test_01_twenty_close_presses_in_a_second_are_one_order() -> None:
    desk = Desk().start()
    desk.buy(2)
    for number in range(20):
        desk.handle(ClosePosition(f"press-{number}", ES))
        desk.tick(0.05, 0.05)
    desk.tick(5)
    assert closings(desk) == 1
    assert desk.quantity() == 0 and desk.broker.positions[ES] == 0


def test_04_without_an_answer_of_the_broker_the_scope_is_locked_and_never_called_flat(tmp_path: Path) -> None:
    desk = Desk(tmp_path).start()
    desk.buy(2)
    desk.stop()
    desk.broker.script.snapshot = Answers.SILENT
    desk.clock.advance(60)
    desk.start()
    desk.tick(180)
    assert desk.quantity() == 2
    assert desk.scope().certainty in (Certainty.UNVERIFIED, Certainty.STALE)
    desk.buy(1)
    assert len(desk.broker.received) == 1
    assert not shown_in(desk.snapshot).is_known_flat
    desk.stop()


def test_05_the_four_modes_are_told_apart_in_grey_and_by_name(view: Bench) -> None:
    for theme_name in ("dark", "light"):
        pictures: dict[Mode, QImage] = {}
        for mode in Mode:
            band = ModeBand(load_theme(theme_name))
            band.resize(600, 28)
            band.refresh(in_mode(mode, flat()))
            assert band_words(shown_in(in_mode(mode, flat()))) in band.accessibleName()
            without_words = band.grab().toImage().copy(400, 0, 200, 28)
            pictures[mode] = without_words.convertToFormat(QImage.Format.Format_Grayscale8)
        assert all(pictures[one] != pictures[other] for one in Mode for other in Mode if one is not other)


KEYS = [
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_B),
    *(Qt.Key.Key_S, Qt.Key.Key_A, Qt.Key.Key_F, Qt.Key.Key_T, Qt.Key.Key_1, Qt.Key.Key_9, Qt.Key.Key_Down),
]
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL, None])
def test_06_no_sequence_of_keys_without_the_gesture_sends_an_entry(view: Bench, mode: Mode | None) -> None:
    dice = random.Random(6)
    world = in_mode(mode, flat())
    view.widget.show()
    view.show(world)
    for _ in range(400):
        targets = [one for one in view.widget.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
        key, modifier = dice.choice(KEYS), dice.choice([Qt.KeyboardModifier.NoModifier, CONTROL, SHIFT])
        QTest.keyClick(dice.choice(targets), key, modifier)
        view.show(world, after_s=0.1)
    assert not [one for one in view.intents if isinstance(one, SubmitOrder | ArmAccount)]


def live_desk() -> Desk:
    manual = ManualClock()
    desk = Desk(brokers=[FakeBroker(manual)], clock=manual, simulated=frozenset(), classify={"Sim1": Mode.LIVE})
    desk.start()
    desk.handle(ArmAccount(ACCOUNT))
    desk.buy(2)
    desk.handle(commands.DisarmAccount(ACCOUNT))
    return desk


def test_07_close_works_disarmed_locked_over_limits_and_with_the_database_down() -> None:
    disarmed = live_desk()
    locked = Desk().start()
    locked.buy(2)
    locked.state.halt("A test said so.")
    large = Desk().start()
    for _ in range(3):
        large.press(Side.BUY, 100)
    broken = Desk().start()
    broken.buy(2)
    broken.unsaved = True
    broken.memory.disk.error = PersistenceError("no room")
    for desk in (disarmed, locked, large, broken):
        desk.close()
        desk.tick(5)
        assert desk.broker.positions[ES] == 0
        assert closings(desk) == 1


def test_08_a_silent_feed_is_stale_in_session_and_nothing_is_said_out_of_it(view: Bench) -> None:
    for number in range(60):
        view.show(flat(quotes=at(number * 0.1)), after_s=0.1)
    view.show(flat(quotes=at(6.0)), after_s=6.0)
    assert "STALE" in view.text("statusData")
    view.show(flat(quotes=at(6.0, trading=TradingStatus.CLOSED)), after_s=60.0)
    assert "STALE" not in view.text("statusData")


def at(seconds: float, trading: TradingStatus = TradingStatus.UNKNOWN) -> MappingProxyType[tuple[str, str], object]:
    made = quote(received_at=NOW + timedelta(seconds=seconds), trading=trading)
    return MappingProxyType({("sim", "ESZ5"): made})


@pytest.mark.parametrize("case", ["exit while flat", "stops above the position", "targets above the position"])
def test_10_too_many_exits_raise_orphan_within_five_seconds(case: str) -> None:
    desk = Desk().start()
    desk.buy(2)
    kind = OrderType.LIMIT if case.startswith("targets") else OrderType.STOP
    desk.press(Side.SELL, 2, kind, "5020" if kind is OrderType.LIMIT else "4990")
    desk.broker.script.refuse_cancels = desk.broker.script.refuse_changes = True
    desk.broker.by_hand(ES, Side.SELL, 2 if case.startswith("exit") else 1)
    desk.settle()
    desk.tick(5)
    assert [one.kind for one in desk.snapshot.findings] == [FindingKind.ORPHAN_ORDER]
    assert desk.heard("ORPHAN")


@pytest.mark.parametrize(
    ("tick", "form", "price"),
    [
        ("0.25", 2, "5050.25"),
        ("0.03125", 105, "110.5"),
        ("0.015625", 128, "110.515625"),
        ("0.25", -1, "432.25"),
        ("0.00005", 5, "1.16005"),
    ],
)
def test_11_a_price_survives_value_to_text_to_value(tick: str, form: int, price: str) -> None:
    instrument = Instrument("X", Decimal(tick), Decimal(1), "USD", price_format=form)
    value = Decimal(price)
    for step in range(200):
        moved = value + step * Decimal(tick)
        assert read_price(instrument.written(moved), form) == moved


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2026, 3, 6, 22, 59, 59, tzinfo=UTC), date(2026, 3, 6)),  # 16:59:59, the Friday before the change
        (datetime(2026, 3, 9, 21, 59, 59, tzinfo=UTC), date(2026, 3, 9)),  # 16:59:59, the Monday after it
        (datetime(2026, 3, 9, 22, 0, 0, tzinfo=UTC), date(2026, 3, 10)),  # 17:00:00
        (datetime(2026, 11, 2, 22, 59, 59, tzinfo=UTC), date(2026, 11, 2)),  # 16:59:59, the Monday after going back
        (datetime(2026, 11, 2, 23, 0, 0, tzinfo=UTC), date(2026, 11, 3)),  # 17:00:00
    ],
)
def test_12_the_trading_day_turns_at_17_00_chicago_whatever_the_clocks_do(utc: datetime, day: date) -> None:
    assert trading_day(utc, GLOBEX_EQUITY_INDEX) == day


def test_14_close_and_recovery_are_done_by_keyboard_alone(view: Bench, qtbot: QtBot) -> None:
    from tests.panels.mixed_worlds import mixed

    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    QTest.keyClick(view.widget, Qt.Key.Key_X, CONTROL | SHIFT)
    assert [one for one in view.intents if isinstance(one, ClosePosition)]
    view.show(mixed())
    view.show(mixed(), after_s=1)
    dialog = view.widget.dialogs.recovery
    assert dialog.isVisible()
    focus = dialog.table
    for _ in range(60):
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        focus = dialog.focusWidget() or focus
        if focus.objectName() == "recoveryApply":
            break
    assert focus.objectName() == "recoveryApply"
    QTest.keyClick(focus, Qt.Key.Key_Space)
    assert [one for one in view.intents if isinstance(one, DecideRecovery)]
