"""The first frame: what the file says is open, called unverified, before the engine exists."""

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
    buy = window.findChild(QPushButton, "buyButton")
    assert buy is not None and not buy.isEnabled()


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
