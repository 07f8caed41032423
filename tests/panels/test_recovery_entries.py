"""The recovery dialog's rows about orders and missing stops: what they say, what stands chosen, what is sent."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.commands import AskBroker, DecideFinding, DecideRecovery
from core.model.fill import Side
from core.model.finding import FINDING_CHOICES, Finding, FindingChoice, FindingKind
from core.model.recovery import RecoveryChoice, Situation
from core.snapshot import Snapshot
from panels.recovery_dialog import RecoveryDialog
from panels.theme import Theme, load_theme
from tests.panels.conftest import Bench, tab_to
from tests.panels.legibility import clipped
from tests.panels.mixed_worlds import (
    BARE,
    EXCESS,
    LEFT_WORKING,
    NQ_KEY,
    ORPHAN,
    UNKNOWN,
    ZN_KEY,
    mixed,
    world_of,
)
from tests.panels.test_recovery_dialog import cell, put_up
from tests.panels.worlds import ES_KEY, MES_KEY, flat, long_two, position, quote, recovery, row

CANCEL, KEEP, LEAVE = FindingChoice.CANCEL_ORDER, FindingChoice.KEEP, FindingChoice.LEAVE
PLACE, CHOOSE, CLOSE = FindingChoice.PLACE_PLANNED_STOP, FindingChoice.CHOOSE_PRICE, FindingChoice.CLOSE_NOW
ASK, EXTERNAL = FindingChoice.ASK_BROKER, FindingChoice.TREAT_AS_EXTERNAL
EACH = {one.kind.name: one for one in (ORPHAN, UNKNOWN, BARE, LEFT_WORKING)}
GRID = "recoveryTable"


@pytest.fixture
def dialog(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(RecoveryDialog(theme, None, UTC))
    return made


def found(*findings: Finding, **changes: Any) -> Snapshot:
    """Return a flat account in which something was found."""
    return world_of(flat(recovery=recovery(wants=False), **changes), findings)


def options(dialog: Bench, at: int = 0) -> list[str]:
    box = dialog.find(f"recoveryChoice_{at}")
    return [box.itemText(number) for number in range(box.count())]


@pytest.mark.parametrize(
    ("finding", "says", "offers"),
    [
        (
            ORPHAN,
            "ORPHAN ORDER\nSELL 2 STOP 18045.25 works though you are flat; if it fills you are SHORT 2.",
            ["Cancel order", "Keep"],
        ),
        (
            EXCESS,
            "ORPHAN ORDER\nExits are 1 larger than LONG 2: if SELL 3 STOP 5045.25 fills too you end SHORT 1.",
            ["Cancel order", "Keep"],
        ),
        (
            UNKNOWN,
            "UNKNOWN ORDER\nNothing was heard of BUY 1 LIMIT 58.40. It may work, or have filled; it is not sent again.",
            ["Ask broker", "Treat as external"],
        ),
        (
            BARE,
            "MISSING PROTECTION\nLONG 2 has no stop: the one at 110'080 is gone and nobody here cancelled it.",
            ["Place planned stop 110'080", "Choose price", "Close now", "Leave"],
        ),
        (
            LEFT_WORKING,
            "WORKING ORDER\nBUY 1 LIMIT 2040.1 of the last session still works; if it fills you are LONG 1.",
            ["Keep", "Cancel order"],
        ),
    ],
)
def test_each_finding_is_a_row_with_its_choices_the_usual_one_chosen(
    dialog: Bench, finding: Finding, says: str, offers: list[str]
) -> None:
    put_up(dialog, found(replace(finding, at_start=True, version=7)))
    assert cell(dialog, 0, 4) == says
    assert options(dialog) == offers
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideFinding(finding.key, finding.name, FINDING_CHOICES[finding.kind][0], 7)]


@pytest.mark.parametrize("kind", EACH)
def test_every_choice_of_every_finding_says_what_it_does_and_is_sent(dialog: Bench, kind: str) -> None:
    finding, snapshot = EACH[kind], found(EACH[kind])
    put_up(dialog, snapshot)
    said = set()
    for number, choice in enumerate(finding.choices):
        dialog.find("recoveryChoice_0").setCurrentIndex(number)
        said.add(dialog.text("recoveryEffect_0"))
        dialog.find("recoveryPrice_0").setText("110'100" if choice is CHOOSE else "")
        dialog.press("recoveryApply")
        price = Decimal("110.3125") if choice is CHOOSE else None
        assert dialog.intents[-1] == DecideFinding(finding.key, finding.name, choice, 1, price)
    assert len(said) == len(finding.choices)


def test_what_works_is_listed_in_the_form_of_the_product_with_who_holds_it(dialog: Bench) -> None:
    put_up(dialog, mixed())
    assert cell(dialog, 4, 3) == "SELL 2 STOP 18045.25 · SERVER"
    assert cell(dialog, 5, 3) == "? BUY 1 LIMIT 58.40 · UNKNOWN"
    assert [cell(dialog, 6, column) for column in range(4)] == [
        "ZNZ5\nSim1 · SIM",
        "LONG 2 @ 110'165",
        "LONG 2",
        "none",
    ]


def test_positions_come_first_in_the_table_and_in_what_is_sent(dialog: Bench) -> None:
    put_up(dialog, mixed())
    assert dialog.text("recoverySentence").endswith("4 positions, 3 orders and 1 missing stop need a decision.")
    assert dialog.text("recoveryApply") == "Apply 8 choices"
    dialog.press("recoveryApply")
    assert [type(one) for one in dialog.intents] == [DecideRecovery] * 4 + [DecideFinding] * 4


def test_a_single_order_needs_a_decision(dialog: Bench) -> None:
    put_up(dialog, world_of(long_two(recovery=recovery(row(Situation.MATCH))), (ORPHAN,)))
    assert dialog.text("recoverySentence").endswith("1 position and 1 order need a decision.")
    put_up(dialog, found(ORPHAN))
    assert dialog.text("recoverySentence").endswith("1 order needs a decision.")


def test_a_stop_the_market_has_passed_is_not_offered_as_it_was(dialog: Bench) -> None:
    put_up(dialog, found(replace(BARE, passed=True)))
    assert options(dialog) == ["Choose price", "Close now", "Leave"]
    assert cell(dialog, 0, 4).endswith("Price is beyond the planned stop 110'080.")
    assert not dialog.find("recoveryApply").isEnabled()
    assert dialog.text("recoveryReason") == "ZNZ5 Sim1: Stop price is missing."


@pytest.mark.parametrize("typed", ["110'100", "110-10", "110 10/32", "110.3125"])
def test_a_chosen_price_may_be_typed_in_every_form(dialog: Bench, typed: str) -> None:
    put_up(dialog, found(BARE))
    dialog.find("recoveryChoice_0").setCurrentIndex(1)
    dialog.find("recoveryPrice_0").setText(typed)
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideFinding(ZN_KEY, "", CHOOSE, 1, Decimal("110.3125"))]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("110'157", "110'157 is between ticks: 110'155 or 110'160?"),
        ("110.51", "110.51 is between ticks: 110'160 or 110'165?"),
        ("110'160", "110'160 would fire at once: a stop must be below 110'160."),
        ("soon", "Stop price: 'soon' is not a number like 110'160."),
    ],
)
def test_a_price_that_cannot_be_a_stop_is_refused_with_a_way_out(dialog: Bench, typed: str, says: str) -> None:
    put_up(dialog, found(BARE))
    dialog.find("recoveryChoice_0").setCurrentIndex(1)
    dialog.find("recoveryPrice_0").setText(typed)
    assert dialog.text("recoveryReason") == f"ZNZ5 Sim1: {says}"
    assert dialog.tone("recoveryPrice_0") == "danger"
    assert not dialog.find("recoveryApply").isEnabled()
    dialog.press("recoveryApply")
    assert dialog.intents == []


def test_a_short_is_stopped_above_the_market(dialog: Bench) -> None:
    short = replace(BARE, key=ES_KEY, position=position(quantity="-2"), planned=Decimal(5060))
    put_up(dialog, found(short, quotes=MappingProxyType({("sim", "ESZ5"): quote()})))
    dialog.find("recoveryChoice_0").setCurrentIndex(1)
    dialog.find("recoveryPrice_0").setText("5051.25")
    assert dialog.text("recoveryReason").endswith("5051.25 would fire at once: a stop must be above 5051.50.")
    dialog.find("recoveryPrice_0").setText("5051.75")
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideFinding(ES_KEY, "", CHOOSE, 1, Decimal("5051.75"))]


def test_a_price_being_typed_survives_a_row_that_changes(dialog: Bench) -> None:
    put_up(dialog, mixed())
    dialog.find("recoveryChoice_6").setCurrentIndex(1)
    dialog.find("recoveryPrice_6").setText("110'1")
    dialog.find("recoveryPrice_6").setFocus()
    moved = mixed()
    assert moved.recovery is not None
    rows = (replace(moved.recovery.rows[0], version=2), *moved.recovery.rows[1:])
    dialog.show(replace(moved, recovery=recovery(*rows)))
    assert dialog.find("recoveryPrice_6").text() == "110'1"
    assert dialog.widget.focusWidget().objectName() == "recoveryPrice_6"


def test_later_puts_a_finding_off_and_sends_nothing_for_it(dialog: Bench) -> None:
    snapshot = world_of(long_two(recovery=recovery(row(Situation.SIZE_DIFFERS))), (ORPHAN,))
    put_up(dialog, snapshot)
    dialog.press("recoveryLater")
    assert dialog.intents == [DecideRecovery(ES_KEY, RecoveryChoice.IGNORE, 1)]
    assert not dialog.widget.is_wanted(found(ORPHAN))
    assert dialog.widget.is_wanted(found(replace(ORPHAN, version=2)))


def test_what_is_found_while_trading_opens_nothing_by_itself(dialog: Bench) -> None:
    later = replace(ORPHAN, at_start=False)
    assert dialog.widget.is_wanted(found(ORPHAN))
    assert not dialog.widget.is_wanted(found(later))
    put_up(dialog, found(later))
    assert dialog.find(GRID).rowCount() == 0


def test_the_trader_may_take_up_what_was_found_while_trading_on_its_row(dialog: Bench) -> None:
    snapshot = world_of(
        long_two(recovery=recovery(row(Situation.SIZE_DIFFERS, MES_KEY))),
        tuple(replace(one, at_start=False) for one in (ORPHAN, BARE)),
    )
    dialog.widget.put_up(snapshot, dialog.clock.now(), dialog.clock.monotonic(), True, BARE.identity)
    dialog.show(snapshot, after_s=0.4)
    assert dialog.find(GRID).rowCount() == 3
    assert dialog.find(GRID).currentRow() == 2
    assert dialog.widget.focusWidget() is dialog.find(GRID)


def test_a_decided_finding_is_said_and_not_sent_again(dialog: Bench) -> None:
    put_up(dialog, found(replace(ORPHAN, decided=CANCEL), BARE))
    assert options(dialog, 0) == ["cancel sent"]
    assert not dialog.find("recoveryChoice_0").isEnabled()
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideFinding(ZN_KEY, "", PLACE, 1)]


def test_a_kept_order_stands_as_kept_and_can_still_be_cancelled(dialog: Bench) -> None:
    kept = replace(EXCESS, decided=KEEP, version=2)
    snapshot = world_of(long_two(recovery=recovery(wants=False)), (kept,))
    dialog.widget.put_up(snapshot, dialog.clock.now(), dialog.clock.monotonic(), True, kept.identity)
    dialog.show(snapshot, after_s=0.4)
    assert dialog.find("recoveryChoice_0").currentText() == "Keep"
    assert not dialog.find("recoveryApply").isEnabled()
    dialog.find("recoveryChoice_0").setCurrentIndex(0)
    assert "look what then still protects LONG 2" in dialog.text("recoveryEffect_0")
    dialog.press("recoveryApply")
    assert dialog.intents == [DecideFinding(ES_KEY, kept.name, CANCEL, 2)]


def test_cancelling_and_protecting_do_not_wait_for_an_answer_of_the_broker(dialog: Bench) -> None:
    asking = replace(found(ORPHAN, UNKNOWN, BARE), recovery=recovery(asking=frozenset({"sim"}), wants=False))
    put_up(dialog, asking)
    assert cell(dialog, 0, 2) == "asking…"
    dialog.press("recoveryApply")
    assert [one.choice for one in dialog.intents] == [CANCEL, PLACE]


def test_verify_of_a_finding_asks_its_broker(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN))
    dialog.press("recoveryVerify_0")
    assert dialog.intents == [AskBroker("sim")]


def test_an_exit_on_the_wrong_side_is_said_to_add(dialog: Bench) -> None:
    assert EXCESS.order is not None
    adds = replace(EXCESS, at_start=True, order=replace(EXCESS.order, side=Side.BUY), quantity=Decimal(3))
    put_up(dialog, found(adds))
    assert cell(dialog, 0, 4).endswith("was meant as an exit but adds to LONG 2; if it fills you are LONG 5.")


def test_the_dialog_is_finished_when_every_finding_is_decided(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN))
    assert not dialog.widget.is_finished(found(ORPHAN))
    assert dialog.widget.is_finished(found(replace(ORPHAN, decided=CANCEL)))
    assert dialog.widget.is_finished(found())


def test_keys_held_down_from_before_decide_nothing(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN), awake=False)
    dialog.press("recoveryApply")
    dialog.press("recoveryVerify_0")
    QTest.keyClick(dialog.widget, Qt.Key.Key_Escape)
    assert dialog.intents == []


def test_escape_leaves_a_price_being_typed_before_it_puts_everything_off(dialog: Bench) -> None:
    put_up(dialog, found(BARE))
    dialog.find("recoveryChoice_0").setCurrentIndex(1)
    dialog.find("recoveryPrice_0").setFocus()
    QTest.keyClick(dialog.find("recoveryPrice_0"), Qt.Key.Key_Escape)
    assert dialog.widget.isVisible()
    assert dialog.widget.focusWidget().objectName() == "recoveryChoice_0"
    QTest.keyClick(dialog.widget, Qt.Key.Key_Escape)
    assert not dialog.widget.isVisible()


def test_a_press_is_not_taken_for_a_row_that_has_just_come(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN))
    both = found(ORPHAN, BARE)
    dialog.show(both).press("recoveryApply")
    assert dialog.intents == []
    dialog.show(both, after_s=0.31).press("recoveryApply")
    assert [one.choice for one in dialog.intents] == [CANCEL, PLACE]


def test_a_stop_can_be_placed_by_keyboard_alone(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN, BARE))
    tab_to(dialog, "recoveryChoice_1")
    QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Down)
    tab_to(dialog, "recoveryPrice_1")
    QTest.keyClicks(dialog.widget.focusWidget(), "110'100")
    QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Return)
    assert dialog.intents == []
    tab_to(dialog, "recoveryApply")
    QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Space)
    assert dialog.intents == [
        DecideFinding(NQ_KEY, ORPHAN.name, CANCEL, 1),
        DecideFinding(ZN_KEY, "", CHOOSE, 1, Decimal("110.3125")),
    ]


def test_tab_walks_row_by_row_and_then_to_the_buttons(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN, BARE))
    seen = []
    for _ in range(7):
        QTest.keyClick(dialog.widget.focusWidget(), Qt.Key.Key_Tab)
        seen.append(dialog.widget.focusWidget().objectName())
    assert seen[:6] == [
        *("recoveryChoice_0", "recoveryVerify_0", "recoveryChoice_1", "recoveryVerify_1"),
        *("recoveryLater", "recoveryApply"),
    ]


@pytest.mark.row(87)
def test_the_band_is_of_the_account_where_most_is_at_stake(dialog: Bench) -> None:
    put_up(dialog, mixed())
    assert dialog.spoken("recoveryBand").startswith("Mode: EVAL")
    put_up(dialog, found(ORPHAN))
    assert dialog.spoken("recoveryBand").startswith("Mode: SIM")


def test_controls_name_what_they_decide(dialog: Bench) -> None:
    put_up(dialog, found(BARE))
    assert dialog.spoken("recoveryChoice_0") == "Choice for missing protection, ZNZ5, account Sim1"
    assert dialog.find("recoveryChoice_0").accessibleDescription() == "SELL 2 STOP 110'080 is sent."
    assert dialog.find(GRID).item(0, 4).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Situation: MISSING")


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("width", [1176, 1300])
def test_no_word_of_a_mixed_recovery_is_cut_off(qapp: QApplication, bench: Any, name: str, width: int) -> None:
    theme = load_theme(name)
    theme.apply(qapp)
    made: Bench = bench(RecoveryDialog(theme, None, UTC))
    put_up(made, mixed())
    made.widget.resize(width, 700)
    for at in range(8):
        made.find(f"recoveryChoice_{at}").setCurrentIndex(1)
    made.show(mixed())
    QApplication.processEvents()
    made.show(mixed())
    table = made.find(GRID)
    assert clipped(made.widget) == []
    for at in range(table.rowCount()):
        for column in range(5):
            item, metrics = table.item(at, column), table.fontMetrics()
            room = table.visualItemRect(item).adjusted(8, 0, -8, 0)
            wanted = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), item.text())
            assert wanted.height() <= room.height(), item.text()
            assert wanted.width() <= room.width(), item.text()


def test_decided_kinds_are_all_of_them() -> None:
    assert {one.kind for one in EACH.values()} == set(FindingKind)
    assert {choice for choices in FINDING_CHOICES.values() for choice in choices} == {
        *(CANCEL, KEEP, ASK, EXTERNAL, PLACE, CHOOSE, CLOSE, LEAVE)
    }


def test_the_dialog_makes_room_for_a_row_that_has_just_come(dialog: Bench) -> None:
    put_up(dialog, found(ORPHAN))
    table = dialog.find(GRID)
    dialog.show(found(ORPHAN, UNKNOWN, BARE, LEFT_WORKING))
    QApplication.processEvents()
    assert table.verticalScrollBar().maximum() == 0


def test_rows_out_of_sight_are_said_beside_apply(dialog: Bench) -> None:
    put_up(dialog, mixed())
    dialog.widget.resize(1176, 400)
    QApplication.processEvents()
    assert dialog.show(mixed()).text("recoveryReason") == "There are more rows below."
    bar = dialog.find(GRID).verticalScrollBar()
    bar.setValue(bar.maximum())
    assert dialog.show(mixed()).text("recoveryReason") == ""
