"""Every key of the assembled view: it does something or says why not, and nothing is sent but by its own button."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from core.commands import ArmAccount, ClosePosition, OpenWithBracket, ReversePosition, SelectAccount, SubmitOrder
from core.events import Link
from core.model.fill import Side
from core.model.scope import Mode
from core.preferences import Preferences
from core.snapshot import Snapshot
from panels.actions import ACTIONS
from panels.ticket_window import TicketWindow
from panels.wishes import ChangePreferences
from tests.panels.conftest import Bench
from tests.panels.worlds import ACCOUNT, ES_KEY, flat, in_mode, link_is, long_two

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

WORLDS = {
    "nothing": Snapshot(),
    "flat": flat(),
    "long": long_two(),
    "live": in_mode(Mode.LIVE, long_two()),
    "unclassified": in_mode(None, flat()),
    "down": link_is(Link.OFFLINE, long_two()),
    "no symbol": flat(selected_symbol=MappingProxyType({})),
}


class Closed:
    """A system that reads no documentation."""

    @staticmethod
    def openUrl(_url: object) -> bool:
        """Open nothing."""
        return False


@pytest.fixture(autouse=True)
def _nothing_is_opened_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panels.deeds.QDesktopServices", Closed)


@pytest.fixture
def seen(view: Bench, qtbot: QtBot) -> Bench:
    """The view, active, with the keyboard on no field."""
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    return view


def hit(view: Bench, key: str) -> None:
    """Press a key on what has the keyboard."""
    pressed = QKeySequence(key)[0]  # type: ignore[index]
    focus = view.widget.focusWidget() or view.widget
    QTest.keyClick(focus, pressed.key(), pressed.keyboardModifiers())


def opened() -> Iterator[QWidget]:
    """Yield what is open over the view."""
    for one in QApplication.topLevelWidgets():
        if one.isVisible() and one.parent() is not None and not isinstance(one, TicketWindow):
            yield one


def shut() -> None:
    """Close what is open over the view."""
    for one in opened():
        one.close()


def on_tabs(view: Bench) -> None:
    """Put the keyboard where no text is typed."""
    view.find("statusClock").setFocus()


def marks(view: Bench) -> tuple[object, ...]:
    """Return everything a press could change."""
    window = view.widget
    return (
        len(view.intents),
        window.toasts.texts,
        window.focusWidget(),
        [one.objectName() for one in opened()],
        window.workspaces.current,
        window.windowState(),
        window.toolbar.isVisible(),
    )


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_no_key_does_nothing_in_silence(seen: Bench, world: Snapshot) -> None:
    silent = []
    for one in seen.widget.keys.actions:
        for key in seen.widget.keys.keymap.keys[one.name]:
            seen.show(world, after_s=11.0)
            on_tabs(seen)
            before = marks(seen)
            hit(seen, key)
            if marks(seen) == before:
                silent.append(key)
            shut()
            if one.name in ("full-screen", "detach-ticket"):
                hit(seen, key)
    assert silent == []


def test_every_key_that_is_shown_belongs_to_something_in_the_window(seen: Bench) -> None:
    names = {one.name for one in seen.widget.keys.actions}
    assert {"close-position", "flatten-account", "send-ticket", "command-palette", "next-panel"} <= names
    assert "note-trade" not in names  # its target is not built
    assert names <= {one.name for one in ACTIONS}


def test_closing_by_key_is_the_button_and_says_so_where_nothing_is_open(seen: Bench) -> None:
    seen.show(long_two())
    on_tabs(seen)
    hit(seen, "Ctrl+Shift+X")
    assert seen.intents == [ClosePosition("A1", ES_KEY)]
    seen.show(flat())
    hit(seen, "Ctrl+Shift+X")
    assert seen.widget.toasts.texts == ("Ctrl+Shift+X: Nothing is open in ESZ5.",)


def test_control_enter_in_a_field_asks_which_side_and_none_is_chosen(seen: Bench, qtbot: QtBot) -> None:
    seen.show(flat())
    seen.find("qtyBox").setFocus()
    hit(seen, "Ctrl+Return")
    menu = seen.find("sendMenu")
    assert menu.isVisible() and menu.activeAction() is None and seen.intents == []
    for _ in range(3):
        QTest.keyClick(menu, Qt.Key.Key_Return)
    assert seen.intents == [] and menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert [(type(one), one.side) for one in seen.intents] == [(SubmitOrder, Side.BUY)]


def test_a_side_chosen_from_the_menu_that_would_send_something_else_by_now_is_offered_anew(seen: Bench) -> None:
    seen.show(flat())
    seen.find("qtyBox").setFocus()
    hit(seen, "Ctrl+Return")
    menu = seen.find("sendMenu")
    buy = menu.actions()[0]
    seen.find("qtyBox").setText("2")
    buy.trigger()
    assert seen.intents == []
    assert menu.isVisible() and "2" in menu.actions()[0].text()
    menu.actions()[0].trigger()
    assert [one.quantity for one in seen.intents] == [2]
    menu.close()


def test_control_enter_on_a_side_presses_it_and_enter_alone_never_does(seen: Bench) -> None:
    seen.show(flat())
    for name in ("qtyBox", "symbolBox", "typeBox", "tifBox", "stopBox", "targetBox"):
        seen.find(name).setFocus()
        hit(seen, "Return")
        shut()
    assert seen.intents == []
    seen.find("sellButton").setFocus()
    hit(seen, "Return")
    assert seen.intents == []
    hit(seen, "Ctrl+Return")
    assert [one.side for one in seen.intents] == [Side.SELL]


def test_control_enter_outside_the_ticket_says_where_to_go(seen: Bench) -> None:
    seen.show(flat())
    on_tabs(seen)
    hit(seen, "Ctrl+Return")
    assert "Go to the ticket first" in seen.widget.toasts.texts[0] and seen.intents == []


def test_entries_at_the_market_by_key_are_refused_and_asked_about_like_their_button(seen: Bench) -> None:
    seen.widget.keys.set_keys({"buy-market": "F7", "tried.buy-market": "F7"})
    seen.show(in_mode(Mode.LIVE, flat()))
    on_tabs(seen)
    hit(seen, "F7")
    assert "Arm to trade" in seen.widget.toasts.texts[0] and seen.intents == []
    armed = replace(in_mode(Mode.LIVE, flat()), armed=MappingProxyType({ACCOUNT: 9_999.0}))
    seen.show(armed)
    hit(seen, "F7")
    assert [one.objectName() for one in opened()] == ["confirmDialog"] and seen.intents == []
    shut()
    seen.show(flat())
    hit(seen, "F7")
    assert [type(one) for one in seen.intents] == [SubmitOrder]


def test_the_list_of_accounts_opens_and_a_second_press_changes_nothing(seen: Bench) -> None:
    seen.show(long_two())
    on_tabs(seen)
    for _ in range(3):
        hit(seen, "Ctrl+Shift+M")
    (menu,) = opened()
    assert isinstance(menu, QMenu) and menu.objectName() == "accountList" and seen.intents == []
    assert menu.actions()[0].text() == "Sim1 · SIM · sim"
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert seen.intents == [SelectAccount(ACCOUNT)]


def test_the_first_press_to_arm_says_that_a_second_is_wanted(seen: Bench) -> None:
    seen.show(in_mode(Mode.LIVE, flat()))
    on_tabs(seen)
    hit(seen, "Ctrl+Shift+A")
    assert "once more within two seconds" in seen.widget.toasts.texts[0] and seen.intents == []
    hit(seen, "Ctrl+Shift+A")
    assert seen.intents == [ArmAccount(ACCOUNT)]


def test_the_position_is_read_aloud_and_stands_on_screen(seen: Bench) -> None:
    seen.show(long_two())
    hit(seen, "Ctrl+Shift+P")
    assert seen.widget.toasts.texts[0].startswith("ESZ5, account Sim1, SIM: long 2 at ")


def test_f6_goes_round_in_the_order_of_the_window_and_shift_f6_back(seen: Bench) -> None:
    seen.show(in_mode(Mode.LIVE, long_two()))
    seen.find("armButton").setFocus()
    visited = []
    window = seen.widget
    parts = {"band": window.band, "toolbar": window.toolbar, "banner": window.banner, "status": window.status}
    parts |= window.deck.docks

    def here() -> str:
        focus = window.focusWidget()
        return next(name for name, part in parts.items() if part is focus or part.isAncestorOf(focus))

    for _ in range(12):
        visited.append(here())
        hit(seen, "F6")
        if here() == visited[0]:
            break
    order = ["band", "toolbar", "banner", "account", "position", "orders", "status"]
    assert [name for name in visited if name in order] == [name for name in order if name in visited]
    assert {"band", "toolbar", "account", "position", "status"} <= set(visited)
    hit(seen, "Shift+F6")
    assert here() == visited[-1]


def test_reversing_where_the_money_is_real_asks_from_the_palette_as_by_its_key(seen: Bench, qtbot: QtBot) -> None:
    armed = replace(in_mode(Mode.LIVE, long_two()), armed=MappingProxyType({ACCOUNT: 9_999.0}))
    seen.show(armed)
    on_tabs(seen)
    hit(seen, "Ctrl+K")
    QTest.keyClicks(seen.find("paletteLine"), "reverse")
    QTest.keyClick(seen.find("paletteLine"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(one.objectName() == "confirmDialog" for one in opened()))
    assert not [one for one in seen.intents if isinstance(one, ReversePosition | OpenWithBracket)]
    shut()


def test_a_key_changed_in_the_settings_is_kept_and_taken_over_at_once(seen: Bench) -> None:
    seen.show(flat())
    on_tabs(seen)
    hit(seen, "Ctrl+,")
    seen.widget.dialogs.settings.open_page("hotkeys")
    page = seen.find("hotkeysPage")
    rows = page.view.rows_model.rows
    at = next(at for at, row in enumerate(rows) if row.action.name == "log")
    page.view.setCurrentIndex(page.view.rows_model.index(at, 0))
    page.change.click()
    QTest.keyClick(page.box, Qt.Key.Key_F7)
    page.take.click()
    assert seen.intents == [ChangePreferences(Preferences(hotkeys={"log": "F7"}))]
    assert seen.widget.keys.keymap.holder("F7") == "log"
    seen.widget.set_preferences(Preferences(hotkeys={"log": "F8"}))
    assert seen.widget.keys.keymap.holder("F8") == "log"
    seen.widget.dialogs.settings.close()


def test_help_names_the_documentation_where_nothing_opens_it(seen: Bench) -> None:
    seen.show(flat())
    hit(seen, "F1")
    assert seen.widget.toasts.texts[0].endswith("README.md.")
