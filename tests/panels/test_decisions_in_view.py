"""What waits for the trader in the whole window: what opens by itself, what stands in a banner, how he gets there."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.commands import AskBroker, DecideFinding, DecideRecovery
from core.model.finding import FindingChoice
from core.model.order import OrderType
from core.model.recovery import RecoveryChoice, Situation
from core.snapshot import Snapshot
from tests.panels.conftest import Bench
from tests.panels.legibility import clipped
from tests.panels.mixed_worlds import (
    BARE,
    EXCESS,
    LEFT_WORKING,
    NQ_KEY,
    ORPHAN,
    UNKNOWN,
    differing,
    mixed,
    world_of,
)
from tests.panels.worlds import ES_KEY, MES_KEY, flat, long_two, recovery, row

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
LATER = tuple(replace(one, at_start=False) for one in (ORPHAN, UNKNOWN, BARE, LEFT_WORKING, EXCESS))


def shown(view: Bench, snapshot: Snapshot) -> Bench:
    """Show the window with a snapshot, and let 300 ms pass."""
    view.widget.show()
    return view.show(snapshot).show(snapshot, after_s=0.4)


@pytest.mark.parametrize(
    "snapshot",
    [
        differing(),
        differing(MES_KEY, "0", "1", Situation.ONLY_AT_BROKER),
        *(world_of(flat(recovery=recovery(wants=False)), (one,)) for one in LATER),
    ],
)
def test_nothing_opens_by_itself_while_trading(view: Bench, snapshot: Snapshot) -> None:
    shown(view, snapshot)
    assert not view.widget.dialogs.recovery.isVisible()
    assert not view.widget.dialogs.reconcile.isVisible()
    assert view.is_shown("banner_0")


def test_what_a_start_found_about_orders_opens_the_dialog(view: Bench) -> None:
    shown(view, world_of(flat(recovery=recovery(wants=False)), (ORPHAN,)))
    assert view.widget.dialogs.recovery.isVisible()
    view.press("recoveryApply")
    assert view.intents == [DecideFinding(NQ_KEY, ORPHAN.name, FindingChoice.CANCEL_ORDER, 1)]
    view.show(world_of(flat(recovery=recovery(wants=False)), (replace(ORPHAN, decided=FindingChoice.CANCEL_ORDER),)))
    assert not view.widget.dialogs.recovery.isVisible()


def test_what_was_put_off_stands_in_a_banner_that_leads_back_to_it(view: Bench) -> None:
    snapshot = world_of(flat(recovery=recovery(wants=False)), (UNKNOWN, BARE))
    shown(view, snapshot).press("recoveryLater")
    view.show(snapshot)
    assert not view.widget.dialogs.recovery.isVisible()
    assert view.intents == []
    assert "UNPROTECTED" in view.text("bannerText_0")
    view.press("bannerAction_0")
    view.show(snapshot, after_s=0.4)
    assert view.widget.dialogs.recovery.isVisible()
    assert view.find("recoveryTable").currentRow() == 1
    assert view.intents == []


def test_a_mixed_recovery_is_decided_in_one_go(view: Bench) -> None:
    shown(view, mixed()).press("recoveryApply")
    assert [type(one) for one in view.intents] == [DecideRecovery] * 4 + [DecideFinding] * 4


def test_an_orphan_is_cancelled_from_its_banner(view: Bench) -> None:
    shown(view, world_of(flat(), (replace(ORPHAN, at_start=False),))).press("bannerAction_0")
    assert view.intents == [DecideFinding(NQ_KEY, ORPHAN.name, FindingChoice.CANCEL_ORDER, 1)]


def test_the_banner_of_a_difference_opens_the_reconcile_dialog(view: Bench) -> None:
    shown(view, differing()).press("bannerAction_0")
    view.show(differing(), after_s=0.4)
    assert view.widget.dialogs.reconcile.isVisible()
    assert view.widget.dialogs.reconcile.key == MES_KEY
    view.press("reconcileAsk")
    view.press("reconcileApply")
    assert view.intents == [AskBroker("sim"), DecideRecovery(MES_KEY, RecoveryChoice.ADOPT, 3, "")]


def test_a_key_opens_it_at_any_time(view: Bench, qtbot: QtBot) -> None:
    with qtbot.waitActive(view.widget):
        view.widget.show()
        view.widget.activateWindow()
    view.show(long_two())
    QTest.keyClick(view.widget, Qt.Key.Key_Y, CTRL_SHIFT)
    assert view.widget.dialogs.reconcile.isVisible()
    assert view.widget.dialogs.reconcile.key == ES_KEY
    assert view.text("reconcileSentence").startswith("ESZ5 Sim1: here LONG 2, broker LONG 2")


def test_a_key_without_anything_to_show_opens_nothing(view: Bench) -> None:
    shown(view, Snapshot())
    QTest.keyClick(view.widget, Qt.Key.Key_Y, CTRL_SHIFT)
    assert not view.widget.dialogs.reconcile.isVisible()


def test_the_row_of_a_position_that_differs_opens_it(view: Bench) -> None:
    shown(view, differing())
    view.widget.deck.open("positions")
    shown(view, differing())
    table = view.widget.deck.panel("positions").view
    titles = [one.title for one in table.rows_model.columns]
    index = table.rows_model.index(0, titles.index("Differs"))
    assert index.data() == "Reconcile…"
    table.scrollTo(index)
    spot = table.visualRect(index).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert view.widget.dialogs.reconcile.isVisible()
    assert view.intents == []


def test_rows_that_agree_offer_nothing_to_reconcile(view: Bench) -> None:
    shown(view, long_two())
    view.widget.deck.open("positions")
    shown(view, long_two())
    table = view.widget.deck.panel("positions").view
    titles = [one.title for one in table.rows_model.columns]
    assert table.rows_model.index(0, titles.index("Differs")).data() == ""


def test_a_difference_of_this_session_and_one_of_the_start_keep_apart(view: Bench) -> None:
    world = differing()
    assert world.recovery is not None
    both = replace(world, recovery=recovery(row(Situation.CLOSED_AT_BROKER), *world.recovery.rows))
    shown(view, replace(both, positions=MappingProxyType({**world.positions, **long_two().positions})))
    assert view.find("recoveryTable").rowCount() == 1
    view.press("recoveryLater")
    assert view.intents == [DecideRecovery(ES_KEY, RecoveryChoice.IGNORE, 1)]


LONG_NAMES = replace(
    EXCESS,
    key=replace(EXCESS.key, account="EVAL-50K-117", symbol="RTYZ26_FUT_CME"),
    order=replace(EXCESS.order, type=OrderType.STOP_LIMIT, price=Decimal("5045.00")) if EXCESS.order else None,
    at_start=False,
)
ALARMS = world_of(flat(recovery=recovery(wants=False)), (LONG_NAMES, *LATER))


@pytest.mark.parametrize("size", [(1200, 720), (1440, 900)])
@pytest.mark.parametrize("snapshot", [ALARMS, mixed(), differing()], ids=["alarms", "mixed", "differing"])
def test_no_word_is_cut_off_in_the_window(view: Bench, snapshot: Snapshot, size: tuple[int, int]) -> None:
    view.widget.resize(*size)
    shown(view, snapshot)
    if not view.widget.dialogs.recovery.isVisible():
        view.widget.dialogs.reconcile.put_up(snapshot, view.clock.now(), view.clock.monotonic())
    for _ in range(3):
        QApplication.processEvents()
        view.show(snapshot, after_s=0.1)
    assert clipped(view.widget) == []
    assert (view.widget.width(), view.widget.height()) == size
