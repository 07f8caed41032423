"""The whole terminal, window and all, as a process to be killed: driven through its widgets by their object names.

Started as `python window_process.py DATA_DIR ADDRESS STEP…`; ADDRESS `sim` is the embedded simulator, `stored` what the
settings name. Steps as in engine_process.py: ready, mark, buy:N, close, facts, hang, quit; and

    recovery              wait for the recovery dialog to be ready for an answer
    stop:T, limit:T       a protective stop, a target, T ticks from the entry, for the whole position
    trades:N              the statistics are opened and say N trades, and the equity curve adds up to the day's net
    clicks:M,S,X          M minutes of a market X times as fast with random clicks, seeded with S; after each, facts
                          and a line awaited on standard input
    picture:FILE          what the window looks like
    entry:T               a working order to buy one, T ticks below the market
    ladder:T              a click in the ladder, T ticks below the best bid of its book, works at that price
    set:NAME=TEXT         a field or a drop-down says TEXT
    type:NAME=TEXT        TEXT is typed over what stands in a field, and Return is pressed
    settings:PAGE         the settings are open on that page
    told:TEXT             a notice has TEXT in it
    says:NAME=TEXT        what a label, a field or a drop-down says has TEXT in it
    shut                  the window is closed as by its title bar, and the question about it is awaited
    press:NAME            the button of that name is pressed as soon as it listens
    alert:T               an alert T ticks from the market, set through its form
    rang:N                alerts rang N times together
    sounded:SOUND         that sound was played
    watch:SYMBOL          a symbol is added to the watchlist
    watched:NAME          the watchlist shows a price of that symbol
    logged:TEXT           the log shows a record with TEXT in it
    export:PANEL=FILE     what a panel shows is exported through its dialog
    bundle:FILE           the log bundle is gathered and saved through the diagnostics
    end                   the system ends the session
    pause:S, theme:NAME, size:WxH, kill

A step is tried every 20 ms until it has succeeded; after its deadline the process ends with code 9. `facts` carries
what the labels say and the longest time the GUI thread was away.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QWidget

from app.application import ROOT, shell
from app.checkpoint import kill_self
from app.config import SIMULATOR, parse_options, read_settings, to_connect
from app.data_folder import occupied
from app.log import LogFile
from app.simulator_child import SimulatorChild
from app.terminal import Terminal
from core.commands import SubmitOrder
from core.model.fill import Side
from core.model.order import OrderState, OrderType
from core.model.scope import PositionKey
from panels.deck import DOM
from panels.dom_rows import BID
from panels.dom_view import DomView
from panels.shown import shown_in
from panels.theme import load_theme
from panels.wishes import OpenSettings
from tests.end_to_end.random_clicks import RandomClicks
from tests.end_to_end.table_steps import TableSteps
from tests.fakes.sounds import FakeSoundOutput

STORED = "stored"
STEP_WITHIN_S = 30.0
LOOK_MS = 20
SYMBOL = "MESZ26_FUT_CME"

Widget = TypeVar("Widget", bound=QWidget)


class Hand(TableSteps):
    """Takes the steps, one at a time, on the GUI thread."""

    def __init__(self, terminal: Terminal, steps: list[str], said: Callable[[dict[str, object]], None]) -> None:
        self._terminal = terminal
        self._steps = steps
        self._say = said
        self._deadline = time.monotonic() + STEP_WITHIN_S
        self._begun = False
        self._last_s = time.monotonic()
        self._longest_s = 0.0
        self._until = 0.0
        self._heard = 0
        self._wanted = Decimal(0)
        self._minute = 0
        self.missed = ""
        self._output = FakeSoundOutput()
        terminal.attention.sounds._player._output = self._output
        self._timer = QTimer()
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        now = time.monotonic()
        self._longest_s, self._last_s = max(self._longest_s, now - self._last_s), now
        if not self._steps:
            return
        name, _, amount = self._steps[0].partition(":")
        if self._press(amount) if name == "press" else getattr(self, f"_{name}")(amount):
            self._steps.pop(0)
            self._begun, self._deadline = False, now + STEP_WITHIN_S
        elif now > self._deadline:
            self.missed = self._steps[0]
            self._say({"missed": self.missed, **self._known()})
            os._exit(9)

    def _ready(self, _: str) -> bool:
        dialog = self._find("recoveryDialog", QDialog)
        if dialog is not None and dialog.isVisible():
            self._press("recoveryApply")
            return False
        buy = self._find("buyButton", QPushButton)
        return buy is not None and buy.isEnabled()

    def _buy(self, amount: str) -> bool:
        if not self._begun:
            box = self._find("qtyBox", QLineEdit)
            assert box is not None
            box.setText(amount)
            self._begun = self._press("buyButton")
        return self._begun and self._text("p2Side").startswith(f"LONG {amount} ")

    def _close(self, _: str) -> bool:
        if not self._begun:
            self._begun = all([self._press("p2Close") for _ in range(20)][:1])
        now = self._terminal.engine.state.snapshot()
        is_over = bool(now.operations) and all(one.is_over for one in now.operations.values())
        # The close may be over before the next frame is drawn.
        return self._begun and is_over and (bool(now.positions) or self._text("p2Side") == "FLAT")

    def _mark(self, _: str) -> bool:
        self._say({"mark": True})
        sys.stdin.readline()
        self._last_s = time.monotonic()
        return True

    def _facts(self, _: str) -> bool:
        self._say(self._known())
        return True

    def _picture(self, target: str) -> bool:
        return self._terminal.window.picture().save(target)

    def _trades(self, count: str) -> bool:
        if not self._begun:
            self._terminal.view.deck.open("statistics")
            self._begun = True
        is_drawn = self._text("p1CurveText").startswith(f"{self._text('p1DayNet')} since")
        return self._text("p3Cell_trades") == count and is_drawn

    def _recovery(self, _: str) -> bool:
        dialog = self._find("recoveryDialog", QDialog)
        apply = self._find("recoveryApply", QPushButton)
        return dialog is not None and dialog.isVisible() and apply is not None and apply.isEnabled()

    def _stop(self, ticks: str) -> bool:
        return self._protect(OrderType.STOP, Decimal(ticks))

    def _limit(self, ticks: str) -> bool:
        return self._protect(OrderType.LIMIT, Decimal(ticks))

    def _protect(self, kind: OrderType, ticks: Decimal) -> bool:
        snapshot = self._terminal.engine.state.snapshot()
        (position,) = snapshot.positions.values()
        if not self._begun:
            key, entry = position.key, position.entry_price
            tick = snapshot.instruments[(key.connection, key.symbol)].tick_size
            assert entry is not None and tick is not None
            price = entry // tick * tick + ticks * tick * position.direction * (-1 if kind is OrderType.STOP else 1)
            limit, trigger = (None, price) if kind is OrderType.STOP else (price, None)
            side, size = Side.closing(position.quantity), abs(position.quantity)
            self._terminal.engine.post(SubmitOrder(f"{kind.value} {price}", key, side, kind, size, limit, trigger))
            self._begun = True
        return any(one.type is kind and one.state is OrderState.WORKING for one in snapshot.orders.values())

    def _entry(self, ticks: str) -> bool:
        snapshot = self._terminal.engine.state.snapshot()
        account = snapshot.selected_account
        assert account is not None
        key = PositionKey(account.connection, account.account, snapshot.selected_symbol[account.connection])
        if not self._begun:
            tick = snapshot.instruments[key.connection, key.symbol].tick_size
            last = snapshot.quotes[key.connection, key.symbol].last
            assert tick is not None and last is not None
            price = last // tick * tick - Decimal(ticks) * tick
            command = SubmitOrder("entry", key, Side.BUY, OrderType.LIMIT, Decimal(1), price, confirmed=True)
            self._terminal.engine.post(command)
            self._begun = True
        return any(one.intent.is_entry and one.state is OrderState.WORKING for one in snapshot.orders.values())

    def _ladder(self, ticks: str) -> bool:
        """Click once the book is there and the ladder listens; then wait for the order to stand beside its price."""
        view = self._find("domView", DomView)
        if view is not None and not view.isVisible():
            self._terminal.view.deck.open(DOM)
        if view is None or not view.ladder_model.ladder.bids or view.is_deaf:
            return False
        model = view.ladder_model
        if not self._begun:
            row = min(model.ladder.bids) + int(ticks)
            place = view.visualRect(model.index(row, BID))
            if not view.viewport().rect().contains(place):
                view.centre(row)
                return False
            QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
            assert model.axis is not None
            self._wanted, self._begun = model.axis.price(row), True
        assert model.axis is not None
        row_now = model.axis.row(self._wanted)
        return row_now in model.ladder.buys and any(
            one.price == self._wanted and one.state is OrderState.WORKING
            for one in self._terminal.engine.state.snapshot().orders.values()
        )

    def _set(self, what: str) -> bool:
        name, _, text = what.partition("=")
        field, choice = self._find(name, QLineEdit), self._find(name, QComboBox)
        if field is not None:
            field.setText(text)
        elif choice is not None:
            choice.setCurrentText(text)
        return field is not None or choice is not None

    def _type(self, what: str) -> bool:
        name, _, text = what.partition("=")
        field = self._find(name, QLineEdit)
        if field is None or not field.isEnabled() or not field.isVisible():
            return False
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        return True

    def _settings(self, page: str) -> bool:
        if not self._begun:
            self._begun = True
            self._terminal.view.dialogs.open(OpenSettings(page), time.monotonic())
        shown = self._find("settingsView", QWidget)
        return shown is not None and shown.isVisible()

    def _told(self, text: str) -> bool:
        notices = self._terminal.engine.state.snapshot().notices
        found = any(text in one.text for one in notices[self._heard :])
        if found:
            self._heard = len(notices)
        return found

    def _alert(self, ticks: str) -> bool:
        """Set an alert so far from the market through its form, once a price is there."""
        from panels.wishes import OpenAlertForm

        view = self._terminal.view
        shown = shown_in(self._terminal.engine.state.snapshot())
        if shown.key is None or shown.quote is None or shown.quote.last is None or shown.instrument is None:
            return False
        if not self._begun:
            self._begun = True
            level = shown.quote.last + Decimal(ticks) * (shown.instrument.tick_size or 0)
            view.dialogs.open(OpenAlertForm(shown.key, value=level), time.monotonic())
            return False
        return self._press("alertSet")

    def _rang(self, count: str) -> bool:
        return sum(one.fired for one in self._terminal.engine.state.snapshot().alerts) >= int(count)

    def _sounded(self, name: str) -> bool:
        return name in self._output.played

    def _says(self, what: str) -> bool:
        name, _, text = what.partition("=")
        return text in self._text(name)

    def _shut(self, _: str) -> bool:
        if not self._begun:
            self._begun = True
            self._terminal.window.close()
        dialog = self._find("quitDialog", QDialog)
        return dialog is not None and dialog.isVisible()

    def _end(self, _: str) -> bool:
        self._terminal.session_end.came.emit("session")
        return True

    def _pause(self, seconds: str) -> bool:
        if not self._begun:
            self._begun, self._deadline = True, time.monotonic() + float(seconds) + STEP_WITHIN_S
            self._until = time.monotonic() + float(seconds)
        return time.monotonic() > self._until

    def _theme(self, name: str) -> bool:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme = load_theme(name)
        theme.apply(app)
        self._terminal.view.set_theme(theme)
        return True

    def _size(self, size: str) -> bool:
        width, _, height = size.partition("x")
        if not self._begun:
            self._terminal.window.resize(int(width), int(height))
            self._begun = True
            return False
        return True

    def _clicks(self, how: str) -> bool:
        minutes, seed, speed = (int(one) for one in how.split(","))
        now = time.monotonic()
        if not self._begun:
            self._begun, self._clicker, self._minute = True, RandomClicks(self._terminal, seed), 0
            self._until = now + 60 / speed
        self._deadline = now + STEP_WITHIN_S
        if now < self._until:
            self._clicker.press()
            return False
        self._minute += 1
        self._say({"minute": self._minute, "presses": self._clicker.presses, "rss": _resident_mib(), **self._known()})
        sys.stdin.readline()
        self._last_s = time.monotonic()
        self._until = self._last_s + 60 / speed
        return self._minute == minutes

    def _kill(self, _: str) -> bool:
        kill_self()
        return True

    def _hang(self, _: str) -> bool:
        self._deadline = float("inf")
        return False

    def _quit(self, _: str) -> bool:
        self._terminal.window.leave()
        return True

    def _known(self) -> dict[str, object]:
        snapshot = self._terminal.engine.state.snapshot()
        positions = [one.quantity for key, one in snapshot.positions.items() if isinstance(key, PositionKey)]
        names = ("p2Side", "p2Pnl", "p2Certainty", "p1Balance", "closeState", "p3Cell_pnl", "p1DayNet", "p1CurveText")
        return {
            "quantity": str(sum(positions)),
            "labels": {name: self._text(name) for name in names},
            "away_ms": round(self._longest_s * 1000),
            "halted": snapshot.halted,
            "notices": [notice.text for notice in snapshot.notices],
            "alerts": {one.alert_id: [one.state.value, one.fired, one.unread] for one in snapshot.alerts},
            "sounds": self._output.played,
            "toasts": list(self._terminal.view.toasts.texts),
        }

    def _press(self, name: str) -> bool:
        button = self._find(name, QPushButton)
        if button is None or not button.isEnabled() or not button.isVisible():
            return False
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        return True

    def _text(self, name: str) -> str:
        widget = self._find(name, QWidget)
        if isinstance(widget, QLabel | QLineEdit):
            return widget.text()
        if isinstance(widget, QComboBox):
            return widget.currentText()
        return "" if widget is None else widget.accessibleName()

    def _find(self, name: str, kind: type[Widget]) -> Widget | None:
        for top in QApplication.topLevelWidgets():
            if top.objectName() == name and isinstance(top, kind):
                return top
            found = top.findChild(kind, name)
            if found is not None:
                return found
        return None


def main() -> int:
    """Run the steps of the command line."""
    folder, address, steps = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    chosen = [] if address == SIMULATOR else ["--symbol", SYMBOL, "--classify", "Sim1=SIM"]
    connect = [] if address == STORED else ["--connect", address]
    options = parse_options(["--data-dir", str(folder), *connect, *chosen])
    log = LogFile(folder / "logs")
    log.start()
    with occupied(folder) as held:
        stored = read_settings(folder)
        options = to_connect(options, stored)
        app, window = shell(options, stored)
        child = SimulatorChild(folder / "simulator", ROOT) if address == SIMULATOR else None
        terminal = Terminal(app, window, options, stored, held, child, log)
        hand = Hand(terminal, steps, _say)
        code = terminal.run()
        if child is not None:
            child.stop()
    log.stop()
    return 9 if hand.missed else code


def _resident_mib() -> float:
    """Return the memory this process holds now; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    if sys.platform == "win32" or not statm.exists():
        return 0.0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _say(facts: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
