"""The recovery dialog shows what was found, live, and sends one decision per scope for the version that was seen."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.commands import DecideRecovery
from core.model.recovery import CHOICES, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import Mode
from core.snapshot import Snapshot
from panels.recovery_dialog import RecoveryDialog
from panels.recovery_words import choice_words
from panels.theme import Theme
from tests.panels.conftest import Bench, tab_to
from tests.panels.mixed_worlds import ZN_KEY, world_of
from tests.panels.worlds import ES_KEY, MES_KEY, ago, in_mode, long_two, position, recovery, row

ADOPT, VERIFY = RecoveryChoice.ADOPT, RecoveryChoice.VERIFY
RECORD, IGNORE = RecoveryChoice.RECORD_CLOSED, RecoveryChoice.IGNORE


@pytest.fixture
def dialog(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(RecoveryDialog(theme, None, UTC))
    return made


def world(*rows: RecoveryRow, asking: frozenset[str] = frozenset()) -> Snapshot:
    return long_two(recovery=recovery(*rows, asking=asking))


MIXED = (
    row(Situation.MATCH),
    row(Situation.CLOSED_AT_BROKER, MES_KEY, version=4, broker_quantity=Decimal(0)),
)


def put_up(dialog: Bench, snapshot: Snapshot, awake: bool = True) -> Bench:
    """Show the dialog; awake, its first 300 ms have passed."""
    dialog.widget.put_up(snapshot, dialog.clock.now(), dialog.clock.monotonic())
    return dialog.show(snapshot, after_s=0.31) if awake else dialog


def cell(dialog: Bench, at: int, column: int) -> str:
    return str(dialog.find("recoveryTable").item(at, column).text())


def test_the_header_says_how_it_ended_and_how_much_needs_a_decision(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED, row(Situation.MATCH, replace(ES_KEY, account="Sim2"))))
    assert dialog.text("recoverySentence") == (
        "Last session ended unexpectedly at 15:34:07 UTC. 3 positions need a decision."
    )


def test_averages_that_differ_are_said_in_the_form_of_the_product(dialog: Bench) -> None:
    note = "Average differs: here 110.515625, broker 110.53125."
    ours = position(ZN_KEY, entry="110.515625")
    found = row(Situation.MATCH, ZN_KEY, ours=ours, broker_price=Decimal("110.53125"), note=note)
    put_up(dialog, world_of(world(found), ()))
    assert cell(dialog, 0, 4).endswith("Average differs: here 110'165, broker 110'170.")


def test_rows_show_local_broker_orders_and_situation(dialog: Bench) -> None:
    put_up(dialog, world(row(Situation.SIZE_DIFFERS, broker_quantity=Decimal(3), exits=("engine's words",))))
    assert [cell(dialog, 0, column) for column in range(4)] == [
        "ESZ5\nSim1 · SIM",
        "LONG 2 @ 5050.25\n12:30 ago",
        "LONG 3 @ 5050.25",
        "SELL 2 STOP 5045.25 · SERVER",
    ]
    assert cell(dialog, 0, 4).startswith("SIZE DIFFERS\n")


def test_what_is_not_there_and_what_was_not_said_differ(dialog: Bench) -> None:
    put_up(
        dialog,
        world(
            row(Situation.ONLY_AT_BROKER, ours=None),
            row(Situation.NO_ANSWER, MES_KEY, broker_quantity=None, broker_price=None),
            row(Situation.CLOSED_AT_BROKER, replace(ES_KEY, account="Sim2"), broker_quantity=Decimal(0)),
        ),
    )
    assert [cell(dialog, at, 1).split("\n")[0] for at in range(3)] == ["none", "LONG 2 @ 5050.25", "LONG 2 @ 5050.25"]
    assert [cell(dialog, at, 2) for at in range(3)] == ["LONG 2 @ 5050.25", "no answer", "FLAT"]


def test_age_is_a_word_and_nothing_more(dialog: Bench) -> None:
    old = position(entry_time=ago(30 * 3600))
    put_up(dialog, world(row(Situation.MATCH, ours=old)))
    assert cell(dialog, 0, 1) == "LONG 2 @ 5050.25\n30:00:00 ago · old"


@pytest.mark.parametrize("situation", list(Situation))
def test_every_situation_has_its_choices_the_usual_one_chosen(dialog: Bench, situation: Situation) -> None:
    put_up(dialog, world(row(situation)))
    box = dialog.find("recoveryChoice_0")
    assert [box.itemText(at) for at in range(box.count())] == [
        choice_words(one, situation) for one in CHOICES[situation]
    ]
    assert box.currentIndex() == 0
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideRecovery(ES_KEY, CHOICES[situation][0], 1)]


def test_apply_sends_one_decision_per_row_for_the_version_seen(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    assert dialog.text("recoveryApply") == "Apply 2 choices"
    dialog.find("recoveryChoice_0").setCurrentIndex(2)
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideRecovery(ES_KEY, IGNORE, 1), DecideRecovery(MES_KEY, RECORD, 4)]


def test_rows_still_being_asked_about_wait(dialog: Bench) -> None:
    far = replace(MES_KEY, connection="far")
    put_up(dialog, world(row(Situation.MATCH), row(Situation.NO_ANSWER, far), asking=frozenset({"far"})))
    assert dialog.text("recoveryApply") == "Apply 1 choice"
    assert cell(dialog, 1, 2) == "asking…"
    assert not dialog.find("recoveryChoice_1").isEnabled()
    assert "Waiting for the answer of far…" in dialog.text("recoverySentence")
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideRecovery(ES_KEY, ADOPT, 1)]


def test_apply_waits_while_no_broker_has_answered(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED, asking=frozenset({"sim"})))
    assert not dialog.find("recoveryApply").isEnabled()
    assert "Waiting for the broker" in dialog.find("recoveryApply").accessibleDescription()
    dialog.press("recoveryApply")
    assert dialog.intents == []


@pytest.mark.row(128)
def test_rows_change_under_the_dialog_and_a_made_choice_stays(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    dialog.find("recoveryChoice_0").setCurrentIndex(1)
    dialog.show(world(replace(MIXED[0], version=2), MIXED[1]))
    assert dialog.find("recoveryChoice_0").currentIndex() == 1
    dialog.press("recoveryApply")
    assert dialog.intents[0] == DecideRecovery(ES_KEY, VERIFY, 2)


def test_a_situation_that_changed_starts_from_its_own_choice(dialog: Bench) -> None:
    put_up(dialog, world(row(Situation.NO_ANSWER)))
    dialog.find("recoveryChoice_0").setCurrentIndex(1)
    dialog.show(world(row(Situation.MATCH, version=2)))
    assert dialog.find("recoveryChoice_0").currentText() == "Adopt"


def test_verify_asks_for_its_row_alone(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    dialog.press("recoveryVerify_1")
    assert dialog.intents == [DecideRecovery(MES_KEY, VERIFY, 4)]


def test_a_decided_row_is_said_and_not_sent_again(dialog: Bench) -> None:
    put_up(dialog, world(replace(MIXED[0], decided=ADOPT), MIXED[1]))
    assert dialog.find("recoveryChoice_0").currentText() == "adopted"
    assert not dialog.find("recoveryChoice_0").isEnabled()
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideRecovery(MES_KEY, RECORD, 4)]


def test_later_ignores_every_open_row(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    dialog.press("recoveryLater")
    assert dialog.intents == [DecideRecovery(ES_KEY, IGNORE, 1), DecideRecovery(MES_KEY, IGNORE, 4)]
    assert not dialog.widget.isVisible()


def test_escape_means_later(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    QTest.keyClick(dialog.widget, Qt.Key.Key_Escape)
    assert [one.choice for one in dialog.intents] == [IGNORE, IGNORE]


def test_the_program_closing_its_windows_decides_nothing(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    dialog.widget.close()
    assert dialog.intents == []
    assert not dialog.widget.isVisible()


def test_keys_held_down_from_before_decide_nothing(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED), awake=False)
    dialog.show(world(*MIXED), after_s=0.29)
    for name in ("recoveryApply", "recoveryLater", "recoveryVerify_0"):
        assert not dialog.find(name).isEnabled()
        dialog.press(name)
    QTest.keyClick(dialog.widget, Qt.Key.Key_Escape)
    assert dialog.intents == []
    assert dialog.widget.isVisible()


def test_focus_starts_on_the_first_row_that_needs_attention(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    table = dialog.find("recoveryTable")
    assert dialog.widget.focusWidget() is table
    assert table.currentRow() == 1


def test_enter_on_the_table_applies_nothing(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    QTest.keyClick(dialog.find("recoveryTable"), Qt.Key.Key_Return)
    assert dialog.intents == []


def test_what_was_put_off_is_not_asked_again_until_it_changes(dialog: Bench) -> None:
    found = world(*MIXED)
    put_up(dialog, found)
    dialog.press("recoveryLater")
    assert not dialog.widget.is_wanted(found)
    assert dialog.widget.is_wanted(world(replace(MIXED[0], version=2), MIXED[1]))


def test_a_difference_that_came_up_while_trading_is_not_this_dialogs(dialog: Bench) -> None:
    found = world(row(Situation.SIZE_DIFFERS, in_session=True))
    assert not dialog.widget.is_wanted(found)
    put_up(dialog, found)
    assert dialog.find("recoveryTable").rowCount() == 0


@pytest.mark.row(128)
def test_the_dialog_blocks_no_other_window(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    assert dialog.widget.windowModality() is Qt.WindowModality.NonModal


def test_the_dialog_repeats_the_mode(dialog: Bench) -> None:
    put_up(dialog, in_mode(Mode.LIVE, world(*MIXED)))
    assert dialog.spoken("recoveryBand").startswith("Mode: LIVE · real money")
    assert dialog.find("recoveryBand").height() == 20


def test_cells_are_read_out_with_their_titles(dialog: Bench) -> None:
    put_up(dialog, world(*MIXED))
    item = dialog.find("recoveryTable").item(1, 2)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Broker: FLAT"
    assert dialog.spoken("recoveryChoice_1") == "Choice for MESZ5, account Sim1"


def test_recovery_can_be_done_by_keyboard_alone(dialog: Bench) -> None:
    put_up(dialog, world(row(Situation.SIZE_DIFFERS)))
    tab_to(dialog, "recoveryApply")
    QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Space)
    assert dialog.intents == [DecideRecovery(ES_KEY, ADOPT, 1)]


def test_a_row_put_off_earlier_can_be_taken_up_again(dialog: Bench) -> None:
    found = long_two(recovery=recovery(row(Situation.SIZE_DIFFERS, decided=IGNORE), wants=False))
    put_up(dialog, found)
    assert dialog.text("recoveryApply") == "Apply 1 choice"
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideRecovery(ES_KEY, ADOPT, 1)]


def test_without_recovery_nothing_is_drawn(dialog: Bench) -> None:
    dialog.show(long_two(recovery=None))
    assert not dialog.widget.is_wanted(long_two(recovery=None))
    assert long_two(scopes=MappingProxyType({})).recovery is None
