"""Panel 1 shows the limits of an account: what is used, how pressing it is, and when a lock ends."""

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QLabel

from core.model.guard_rules import Guard, GuardRules
from core.model.guards import RUNS_ONLY_HERE
from panels.account_panel import AccountPanel
from panels.guard_words import line_of
from panels.shown import entry_refusal, shown_in
from panels.status_words import account_status
from panels.terminal_view import TerminalView
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.guarded import LOCKED, guarded, guards_of, locked
from tests.panels.worlds import NOW, flat, long_two

D = Decimal


@pytest.fixture
def panel(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(AccountPanel(theme, UTC))
    made.widget.resize(320, 620)
    return made


def texts(panel: Bench) -> list[str]:
    """Return the lines of limits that are shown."""
    names = [f"p1Limit_{at}" for at in range(8)]
    return [panel.text(name).replace("\u2009", " ") for name in names if panel.is_shown(name)]


def test_an_account_without_limits_shows_none_and_keeps_its_curve(panel: Bench) -> None:
    panel.show(long_two())
    assert not panel.is_shown("p1Guards") and panel.is_shown("p1EquityBox")


def test_every_limit_is_shown_with_what_is_used(panel: Bench) -> None:
    panel.show(guarded(guards_of()))
    assert texts(panel) == [
        "0.00 / 1 000.00",
        "274.80 / 300.00 !",
        "3 / 5",
        "2 / 3",
        "21:10 · in 5:29",
        "15:51 · in 0:10",
    ]
    assert panel.spoken("p1Limit_1") == "Given back: 274.80 / 300.00, nearly used up"


@pytest.mark.parametrize(
    ("open_pnl", "tone", "value"),
    [
        ("-499.99", "ink1", "499.99 / 1 000.00"),
        ("-500", "caution", "500.00 / 1 000.00"),
        ("-750", "danger", "750.00 / 1 000.00"),
        ("-900", "danger", "900.00 / 1 000.00 !"),
        ("-1000", "danger", "1 000.00 / 1 000.00 !"),
    ],
)
def test_half_is_amber_three_quarters_red_nine_tenths_an_alarm(
    panel: Bench, open_pnl: str, tone: str, value: str
) -> None:
    panel.show(guarded(guards_of(GuardRules(day_loss=D(1000)), day_net=D(0), open_pnl=D(open_pnl))))
    assert (panel.text("p1Limit_0").replace("\u2009", " "), panel.tone("p1Limit_0")) == (value, tone)


def test_the_gauge_says_the_distance_in_money_and_ticks_and_the_rule(panel: Bench) -> None:
    panel.show(guarded(guards_of(ticks=D("2.5"), held="2 MESZ5")))
    assert panel.text("p1FloorDistance").replace("\u2009", " ") == "Distance 640.00 = 256 ticks at 2 MESZ5"
    assert panel.text("p1FloorRule") == "Floor: intraday trailing, freezes at 50 100"
    spoken = panel.spoken("p1Floor").replace("\u2009", " ")
    assert spoken.startswith("Floor: floor 49 608.45, now 50 248.45, peak 51 608.45, Distance 640.00 = 256 ticks")


def test_flat_there_are_no_ticks_to_count_in(panel: Bench) -> None:
    panel.show(guarded(guards_of(ticks=None, held="")))
    assert panel.text("p1FloorDistance") == "Distance 640.00"


def test_every_guard_says_that_it_runs_only_here(panel: Bench) -> None:
    panel.show(guarded(guards_of()))
    assert panel.text("p1GuardNote") == RUNS_ONLY_HERE
    for verdict in guards_of().verdicts:
        assert line_of(verdict, NOW, UTC).tip.endswith(RUNS_ONLY_HERE)


def test_a_lock_is_said_with_its_end_in_panel_ticket_and_status_bar(panel: Bench) -> None:
    snapshot = guarded(locked(), flat())
    panel.show(snapshot)
    assert panel.text("p1GuardState") == "Entries locked until 23:00:00 UTC"
    assert entry_refusal(snapshot, shown_in(snapshot)) == LOCKED
    status = account_status(shown_in(snapshot), locked())
    assert (status.text, status.tone) == ("Sim1 · SIM · locked for session", "caution")


def test_a_pause_is_said_and_refuses_entries(panel: Bench) -> None:
    paused = replace(guards_of(), paused="Guard paused: data stale (no price of ESZ5).", gauge=None)
    snapshot = guarded(paused)
    panel.show(snapshot)
    assert panel.text("p1GuardState") == paused.paused and not panel.is_shown("p1Floor")
    assert entry_refusal(snapshot, shown_in(snapshot)).startswith("Guard paused: data stale")


def test_a_full_count_says_so_and_is_no_alarm() -> None:
    (line,) = (line_of(one, NOW, UTC) for one in guards_of(GuardRules(size=D(2))).verdicts if one.guard is Guard.SIZE)
    assert (line.value, line.spoken) == ("2 / 2 !", "2 / 2, full")


@pytest.mark.parametrize("guards", [guards_of(), locked()])
@pytest.mark.parametrize("size", [(1200, 720), (1440, 900)])
def test_nothing_of_the_limits_is_cut_off_in_any_window(view: Bench, size: tuple[int, int], guards: Any) -> None:
    terminal: TerminalView = view.widget
    terminal.resize(*size)
    terminal.show()
    for _ in range(3):
        view.show(guarded(guards))
        QApplication.processEvents()
    account, content = terminal.account, terminal.account.content
    for label in account.guards.findChildren(QLabel):
        if label.isVisibleTo(account):
            place = QRect(label.mapTo(content, label.rect().topLeft()), label.size())
            assert content.rect().contains(place), label.objectName()  # what is below the edge is scrolled to
            assert label.wordWrap() or label.sizeHint().width() <= label.width() + 1, label.text()
            assert label.wordWrap() or label.height() >= label.fontMetrics().height() - 1, label.text()
