"""The reconcile dialog: three columns, choices with their effects, a reason where it matters, one decision sent."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.commands import AskBroker, DecideRecovery
from core.events import Link
from core.model.recovery import RecoveryChoice, Situation
from core.model.scope import Mode
from core.snapshot import Certainty, Snapshot
from panels.reconcile_dialog import ReconcileDialog
from panels.theme import Theme, load_theme
from tests.panels.conftest import Bench, tab_to
from tests.panels.legibility import clipped
from tests.panels.mixed_worlds import BTC_KEY, ZN_KEY, differing
from tests.panels.worlds import ES_KEY, MES_KEY, connection, fill, in_mode, long_two, recovery, row, status

ADOPT, IGNORE = RecoveryChoice.ADOPT, RecoveryChoice.IGNORE
ONLY = Situation.ONLY_AT_BROKER


@pytest.fixture
def dialog(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(ReconcileDialog(theme, None, UTC))
    return made


def put_up(dialog: Bench, snapshot: Snapshot, awake: bool = True, **named: Any) -> Bench:
    """Ask for the dialog; awake, its first 300 ms have passed."""
    dialog.widget.put_up(snapshot, dialog.clock.now(), dialog.clock.monotonic(), **named)
    return dialog.show(snapshot, after_s=0.31) if awake else dialog


def choices(dialog: Bench) -> list[str]:
    return [radio.text() for _, radio, _ in dialog.widget._radios]


def agreeing(snapshot: Snapshot) -> Snapshot:
    """Return the world once the broker says what we hold."""
    told = status(Certainty.CONFIRMED, "2", key=MES_KEY)
    return replace(snapshot, recovery=recovery(wants=False), scopes=MappingProxyType({MES_KEY: told}))


def test_both_figures_and_the_fills_stand_side_by_side(dialog: Bench) -> None:
    put_up(dialog, differing())
    assert dialog.text("reconcileSentence") == "MESZ5 Sim1: here LONG 2, broker LONG 1."
    assert dialog.text("reconcileLocalFigure") == "LONG 2"
    assert dialog.text("reconcileLocalDetail") == (
        "@ 5050.25\nsince 15:28:37\nOrders working:\nSELL 2 STOP 5045.25 · SERVER"
    )
    assert dialog.text("reconcileBrokerFigure") == "LONG 1"
    assert dialog.text("reconcileBrokerDetail") == "@ 5050.25\nsaid at 15:41:03 UTC\n4 s ago"
    table = dialog.find("reconcileFills")
    texts = [[table.item(at, column).text() for column in range(5)] for at in range(table.rowCount())]
    assert texts == [["15:28:37", "BUY", "1", "5050.25", "ours"], ["15:35:27", "BUY", "1", "5050.25", "EXTERNAL"]]
    assert dialog.text("reconcileSum").startswith("Sum LONG 2.\n2 fills since flat")


def test_a_note_and_a_coin_are_shown_in_their_own_form(dialog: Bench) -> None:
    put_up(dialog, differing(ZN_KEY, entry="110.515625"))
    assert dialog.text("reconcileLocalDetail").startswith("@ 110'165\n")
    assert dialog.find("reconcileFills").item(0, 3).text() == "110'165"
    put_up(dialog, differing(BTC_KEY, "0.5", "0.25", entry="101234.5"))
    assert choices(dialog)[0] == "Use broker: LONG 0.250"
    assert dialog.text("reconcileEffect_0").startswith("Quantity here LONG 0.500 → LONG 0.250 by a correction")


def test_the_choices_stand_with_what_each_would_do_the_brokers_figure_chosen(dialog: Bench) -> None:
    put_up(dialog, differing())
    assert choices(dialog) == ["Use broker: LONG 1", "Keep ours and watch", "Take broker's LONG 1 and close it"]
    assert dialog.find("reconcileChoice_0").isChecked()
    effects = [dialog.text(f"reconcileEffect_{at}") for at in range(3)]
    assert "LONG 2 → LONG 1 by a correction without a price" in effects[0]
    assert effects[1].startswith("Nothing changes")
    assert effects[2].endswith("a market order closes 1.")


def test_fills_are_offered_where_they_say_something_else(dialog: Bench) -> None:
    put_up(dialog, differing(fills_quantity=Decimal(3)))
    assert choices(dialog)[1] == "Use fills: LONG 3"


@pytest.mark.parametrize("at", range(4))
def test_the_choice_is_sent_for_the_version_seen_with_the_reason(dialog: Bench, at: int) -> None:
    put_up(dialog, differing(fills_quantity=Decimal(3)))
    dialog.find(f"reconcileChoice_{at}").setChecked(True)
    assert dialog.text("reconcileApply") == f"Apply: {choices(dialog)[at]}"
    dialog.find("reconcileReason").setText("  traded by phone ")
    dialog.press("reconcileApply")
    sent = (ADOPT, RecoveryChoice.USE_FILLS, IGNORE, RecoveryChoice.CLOSE_BROKER)[at]
    assert dialog.intents == [DecideRecovery(MES_KEY, sent, 3, "traded by phone")]


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL, None])
def test_where_a_slip_costs_a_reason_is_required(dialog: Bench, mode: Mode | None) -> None:
    put_up(dialog, in_mode(mode, differing()))
    word = "LIVE, not classified" if mode is None else mode.value
    assert dialog.text("reconcileReasonLabel") == f"Reason (required: {word})"
    for typed in ("", "ab", "  a  "):
        dialog.find("reconcileReason").setText(typed)
        assert not dialog.find("reconcileApply").isEnabled()
        assert dialog.find("reconcileApply").accessibleDescription().startswith("Write a reason, at least 3 letters")
    dialog.press("reconcileApply")
    assert dialog.intents == []
    dialog.find("reconcileReason").setText("abc")
    dialog.press("reconcileApply")
    assert dialog.intents == [DecideRecovery(MES_KEY, ADOPT, 3, "abc")]


def test_in_a_simulation_the_reason_is_optional(dialog: Bench) -> None:
    put_up(dialog, differing())
    assert dialog.text("reconcileReasonLabel") == "Reason (optional)"
    dialog.press("reconcileApply")
    assert dialog.intents == [DecideRecovery(MES_KEY, ADOPT, 3, "")]


def test_one_press_is_one_decision_until_the_engine_answers(dialog: Bench) -> None:
    put_up(dialog, differing())
    dialog.press("reconcileApply")
    dialog.press("reconcileApply")
    dialog.show(differing(), after_s=1)
    dialog.press("reconcileApply")
    assert len(dialog.intents) == 1
    dialog.show(differing(), after_s=2)
    dialog.press("reconcileApply")
    assert len(dialog.intents) == 2


def test_the_dialog_closes_when_the_decision_is_carried_out(dialog: Bench) -> None:
    for done in (differing(decided=ADOPT), agreeing(differing())):
        put_up(dialog, differing())
        dialog.press("reconcileApply")
        dialog.show(done)
        assert not dialog.widget.isVisible()


@pytest.mark.row(128)
def test_facts_that_moved_before_the_decision_arrived_are_a_new_question(dialog: Bench) -> None:
    put_up(dialog, differing())
    dialog.press("reconcileApply")
    moved = differing(broker="3", version=4)
    dialog.show(moved)
    dialog.press("reconcileApply")
    assert len(dialog.intents) == 1
    assert choices(dialog)[0] == "Use broker: LONG 3"
    dialog.show(moved, after_s=0.31).press("reconcileApply")
    assert dialog.intents[1] == DecideRecovery(MES_KEY, ADOPT, 4, "")


def test_a_choice_made_stays_while_the_situation_does(dialog: Bench) -> None:
    put_up(dialog, differing())
    dialog.find("reconcileChoice_1").setChecked(True)
    dialog.show(differing(broker="3", version=4))
    assert dialog.find("reconcileChoice_1").isChecked()
    dialog.show(differing(broker="-1", situation=Situation.OPPOSITE_SIDE, version=5))
    assert dialog.find("reconcileChoice_0").isChecked()


def test_without_a_difference_it_says_so_and_only_asks_or_closes(dialog: Bench) -> None:
    put_up(dialog, long_two())
    assert dialog.text("reconcileSentence") == "ESZ5 Sim1: here LONG 2, broker LONG 2, confirmed 4 s ago."
    assert choices(dialog) == []
    shown = [name for name in ("reconcileApply", "reconcileReason", "reconcileReasonLabel") if dialog.is_shown(name)]
    assert shown == []
    dialog.press("reconcileAsk")
    assert dialog.intents == [AskBroker("sim")]
    dialog.press("reconcileClose")
    assert not dialog.widget.isVisible()


def test_a_difference_that_disappears_is_said_and_nothing_can_be_applied(dialog: Bench) -> None:
    put_up(dialog, differing())
    dialog.show(agreeing(differing()))
    assert dialog.text("reconcileSentence") == (
        "The difference is gone. MESZ5 Sim1: here LONG 2, broker LONG 2, confirmed 4 s ago."
    )
    assert choices(dialog) == []
    assert not dialog.find("reconcileApply").isEnabled()
    assert dialog.find("reconcileApply").accessibleDescription() == "Nothing to apply."
    dialog.press("reconcileApply")
    assert dialog.intents == []


def test_a_difference_the_broker_is_still_asked_about_has_no_choices_yet(dialog: Bench) -> None:
    put_up(dialog, replace(differing(), recovery=None))
    assert choices(dialog) == []
    assert dialog.text("reconcileStatus") == "The broker is being asked; the choices come with his answer."


def test_nothing_is_applied_while_the_line_is_down(dialog: Bench) -> None:
    put_up(dialog, replace(differing(), connections=MappingProxyType({"sim": connection(Link.OFFLINE)})))
    assert not dialog.find("reconcileApply").isEnabled()
    assert dialog.text("reconcileStatus").startswith("The line is down")
    assert "Line down: not current" in dialog.text("reconcileBrokerDetail")


def test_what_only_the_broker_has_comes_with_his_average(dialog: Bench) -> None:
    put_up(dialog, differing(MES_KEY, "0", "1", ONLY))
    assert dialog.text("reconcileLocalFigure") == "FLAT"
    assert dialog.text("reconcileSum") == "No fills since flat."
    assert "at the broker's average 5050.25" in dialog.text("reconcileEffect_0")


def test_keys_held_down_from_before_decide_nothing(dialog: Bench) -> None:
    put_up(dialog, differing(), awake=False)
    dialog.show(differing(), after_s=0.29)
    for name in ("reconcileApply", "reconcileAsk"):
        assert not dialog.find(name).isEnabled()
        dialog.press(name)
    assert dialog.intents == []


def test_escape_closes_and_decides_nothing(dialog: Bench) -> None:
    put_up(dialog, differing())
    QTest.keyClick(dialog.widget, Qt.Key.Key_Escape)
    assert dialog.intents == []
    assert not dialog.widget.isVisible()


def test_enter_in_the_reason_applies_nothing(dialog: Bench) -> None:
    put_up(dialog, differing())
    dialog.find("reconcileReason").setFocus()
    QTest.keyClicks(dialog.find("reconcileReason"), "by phone")
    QTest.keyClick(dialog.find("reconcileReason"), Qt.Key.Key_Return)
    assert dialog.intents == []
    assert dialog.widget.isVisible()


def test_a_difference_can_be_settled_by_keyboard_alone(dialog: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(dialog.widget):
        put_up(dialog, in_mode(Mode.LIVE, differing()))
        dialog.widget.activateWindow()
    assert dialog.widget.focusWidget().objectName() == "reconcileChoice_0"
    QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Down)
    assert dialog.find("reconcileChoice_1").isChecked()
    tab_to(dialog, "reconcileReason")
    QTest.keyClicks(dialog.widget.focusWidget(), "watching")
    tab_to(dialog, "reconcileApply")
    QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Space)
    assert dialog.intents == [DecideRecovery(MES_KEY, IGNORE, 3, "watching")]


def test_the_scope_on_show_is_meant_first_then_the_first_that_differs(dialog: Bench) -> None:
    put_up(dialog, differing())
    assert dialog.widget.key == MES_KEY
    assert not dialog.is_shown("reconcileScope")
    mine = replace(differing(), selected_symbol=MappingProxyType({"sim": "MESZ5"}))
    put_up(dialog, mine)
    assert dialog.widget.key == MES_KEY
    put_up(dialog, mine, key=ES_KEY)
    assert dialog.widget.key == ES_KEY


def test_when_several_differ_one_is_chosen(dialog: Bench) -> None:
    world = differing()
    assert world.recovery is not None
    other = row(Situation.SIZE_DIFFERS, ES_KEY, in_session=True, broker_quantity=Decimal(4))
    both = replace(world, recovery=recovery(other, *world.recovery.rows, wants=False))
    put_up(dialog, both)
    assert dialog.widget.key == ES_KEY
    box = dialog.find("reconcileScope")
    assert [box.itemText(at) for at in range(box.count())] == ["ESZ5 · Sim1 · sim", "MESZ5 · Sim1 · sim"]
    box.setCurrentIndex(1)
    dialog.show(both)
    assert dialog.text("reconcileSentence").startswith("MESZ5 Sim1")
    dialog.press("reconcileApply")
    assert dialog.intents == []
    dialog.show(both, after_s=0.31).press("reconcileApply")
    assert dialog.intents == [DecideRecovery(MES_KEY, ADOPT, 3, "")]


def test_a_reason_written_for_one_scope_is_not_taken_for_another(dialog: Bench) -> None:
    put_up(dialog, differing())
    dialog.find("reconcileReason").setText("by phone")
    put_up(dialog, differing(), key=ES_KEY)
    assert dialog.find("reconcileReason").text() == ""


def test_the_band_is_of_the_scopes_account_not_of_the_one_on_show(dialog: Bench) -> None:
    world = differing(replace(MES_KEY, account="EVAL-50K-117"))
    put_up(dialog, world)
    assert dialog.spoken("reconcileBand").startswith("Mode: EVAL")
    assert dialog.find("reconcileBand").height() == 20


def test_every_control_has_a_name(dialog: Bench) -> None:
    put_up(dialog, differing())
    assert dialog.spoken("reconcileChoice_0") == "Use broker: LONG 1"
    assert dialog.find("reconcileChoice_0").accessibleDescription() == dialog.text("reconcileEffect_0")
    assert dialog.spoken("reconcileReason") == "Reason: optional"
    assert dialog.widget.accessibleDescription() == dialog.text("reconcileSentence")
    item = dialog.find("reconcileFills").item(1, 4)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Source: EXTERNAL"


@pytest.mark.parametrize("name", ["dark", "light"])
def test_no_word_is_cut_off(qapp: QApplication, bench: Any, name: str) -> None:
    theme = load_theme(name)
    theme.apply(qapp)
    fills = tuple(fill(at, key=MES_KEY) for at in range(2, 40))
    long = replace(differing(fills_quantity=Decimal(38)), fills=fills)
    made: Bench = bench(ReconcileDialog(theme, None, UTC))
    worlds = (differing(), long, differing(MES_KEY, "0", "1", ONLY), long_two(), in_mode(None, differing()), long)
    for at, world in enumerate(worlds):
        put_up(made, world)
        for _ in range(3):
            QApplication.processEvents()
            made.show(world)
        assert clipped(made.widget) == [], at
        table = made.find("reconcileFills")
        for row_at in range(table.rowCount()):
            for column in range(5):
                index = table.model().index(row_at, column)
                assert table.sizeHintForIndex(index).width() <= table.columnWidth(column)
        made.press("reconcileClose")
