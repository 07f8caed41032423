"""The first frame: what the file says is open, called unverified, before the engine exists."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.config import Options, StoredSettings
from app.first_frame import remembered, show_first_frame
from app.main_window import MainWindow
from core.clock import SystemClock
from core.model.fill import Fill, Side
from core.model.instrument import Instrument
from core.model.position import apply_fill
from core.model.scope import Account, AccountKey, Mode, PositionKey, account_to_show
from core.snapshot import Certainty
from data.first_look import first_look
from data.preflight import DATABASE_NAME
from data.store import open_store
from panels.shown import entry_refusal, shown_in
from panels.theme import load_theme

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
KEY = PositionKey("sim", "Sim2", "ESZ26")
CONTRACT = Instrument(KEY.symbol, Decimal("0.25"), Decimal("12.5"), "USD", "E-mini", Decimal(1), 2)
# What takes long to import, and what brings that with it.
LATER = {
    *("sqlalchemy", "alembic", "structlog", "statistics"),
    *("core.commands", "core.emergency", "core.guard_figures", "core.queries", "core.state_manager"),
    *("core.model.alert", "core.model.equity", "core.model.guards", "core.model.market", "core.model.session_studies"),
    *("panels.later_parts", "panels.flat_page", "panels.equity_box", "panels.guard_box", "panels.wishes"),
}
PAINTED = """
import sys
from pathlib import Path
from app.application import shell
from app.config import Options, StoredSettings
from app.first_frame import show_first_frame

options, stored = Options(Path(sys.argv[1])), StoredSettings("ABCD", last_symbols={"sim": "ESZ26"})
app, window = shell(options, stored)
show_first_frame(app, window, options, stored)
print(window.view.position.side.text(), *sys.modules)
"""
SETTINGS = StoredSettings("ABCD", last_symbols={"sim": KEY.symbol})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = open_store(tmp_path, SystemClock())
    for name in ("Sim1", "Sim2"):
        store.accounts.save(Account(AccountKey("sim", name), Mode.SIM, "USD"))
    store.accounts.save_instrument("sim", CONTRACT, ())
    fill = Fill(KEY, "x", Side.BUY, Decimal(2), Decimal("5050.25"), NOW, NOW)
    store.positions.record(apply_fill(None, fill, CONTRACT), Mode.SIM, "test")
    store.close()
    return tmp_path


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow(load_theme("dark"))
    qtbot.addWidget(made)
    made.show()
    return made


def shown_texts(window: MainWindow) -> dict[str, str]:
    return {label.objectName(): label.text() for label in window.findChildren(QLabel) if label.objectName()}


def test_it_shows_the_stored_position_of_the_account_that_holds_one(window: MainWindow, folder: Path) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    try:
        show_first_frame(app, window, Options(folder), SETTINGS)
    finally:
        app.setStyleSheet("")
    texts = shown_texts(window)
    assert texts["p2Side"].startswith("LONG 2")
    assert texts["p2Account"] == "Sim2 · SIM"
    assert texts["p2Certainty"] == Certainty.STALE.value  # no line is up: nothing newer is claimed
    assert window.findChild(QPushButton, "buyButton") is None  # nor can anything be sent yet


def test_the_ticket_knows_what_stands_against_an_order_as_soon_as_it_is_made(window: MainWindow, folder: Path) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    try:
        show_first_frame(app, window, Options(folder), SETTINGS)
    finally:
        app.setStyleSheet("")
    assert window.view is not None
    window.view.complete()
    assert shown_texts(window)["p2Side"].startswith("LONG 2")
    buy = window.findChild(QPushButton, "buyButton")
    assert buy is not None and not buy.isEnabled()  # a press that waited in the queue is for nothing


def test_it_is_painted_before_anything_is_imported_that_it_does_without(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PAINTED, str(folder)], capture_output=True, text=True, check=True)
    words = done.stdout.split()
    assert words[:2] == ["LONG", "2"]
    assert LATER.intersection(words) == set()


def test_without_a_database_the_shell_stays(window: MainWindow, tmp_path: Path) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    show_first_frame(app, window, Options(tmp_path), SETTINGS)
    assert window.view is None
    assert shown_texts(window) == {"shellText": "Reading position…"}
    assert list(tmp_path.iterdir()) == []


def test_nothing_remembered_is_confirmed_and_no_entry_is_open(folder: Path) -> None:
    look = first_look(folder / DATABASE_NAME)
    assert look is not None
    snapshot = remembered(look, SETTINGS.last_symbols, "")
    assert [scope.certainty for scope in snapshot.scopes.values()] == [Certainty.UNVERIFIED]
    assert all(scope.restored for scope in snapshot.scopes.values())
    assert set(snapshot.entry_block) == {"sim"}
    assert entry_refusal(snapshot, shown_in(snapshot))


def test_the_account_on_show_is_the_named_one_else_one_that_holds_something_else_the_first() -> None:
    first, second = AccountKey("sim", "Sim1"), AccountKey("sim", "Sim2")
    assert account_to_show((first, second), (KEY,), "Sim1") == first
    assert account_to_show((first, second), (KEY,), "") == second
    assert account_to_show((first, second), (), "") == first
    assert account_to_show((), (KEY,), "Sim1") is None
