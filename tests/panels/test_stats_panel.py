"""Panel 3 asks for the account, mode and stretch of time on show, and says what came back, or why nothing did."""

from typing import Any

import pytest

from core.commands import RunQuery
from core.model.period import Period, period_start
from core.model.scope import Mode
from core.queries import PAGE_ROWS, TradeFilter
from core.snapshot import Snapshot
from panels.stats_panel import EMPTY, FAILED, READING, StatisticsPanel
from panels.theme import Theme
from tests.panels.conftest import Bench
from tests.panels.worlds import (
    ACCOUNT,
    NOW,
    OTHER_ACCOUNT,
    answered,
    counted,
    flat,
    in_mode,
    several_trades,
    trade,
    with_answers,
)


@pytest.fixture
def panel(theme: Theme, bench: Any) -> Bench:
    made: Bench = bench(StatisticsPanel(theme))
    made.widget.resize(1180, 220)
    made.widget.show()
    return made


def asked(panel: Bench, world: Snapshot) -> RunQuery:
    panel.show(world)
    return panel.queries[-1]


def test_it_asks_for_today_of_the_account_and_mode_on_show(panel: Bench) -> None:
    query = asked(panel, flat())
    assert query == RunQuery("statistics", TradeFilter(ACCOUNT, Mode.SIM, period_start(Period.DAY, NOW)))
    assert panel.text("p3Scope") == "Sim1 · SIM"
    assert asked(panel, in_mode(None, flat())).filter == TradeFilter(ACCOUNT, None, period_start(Period.DAY, NOW))


def test_modes_and_accounts_never_mix_on_show(panel: Bench) -> None:
    query = asked(panel, flat())
    world = with_answers(flat(), answered(query, counted(several_trades())))
    panel.show(world)
    assert panel.text("p3Cell_trades") == "8"
    panel.show(with_answers(flat(selected_account=OTHER_ACCOUNT), *world.queries.values()))
    assert panel.text("p3Cell_trades") == "—" and panel.widget.view.rows_model.rows == ()


def test_an_answer_fills_the_figures_and_the_list_newest_first(panel: Bench) -> None:
    trades = several_trades()
    query = asked(panel, flat())
    panel.show(with_answers(flat(), answered(query, counted(trades))))
    assert panel.text("p3Cell_hitrate") == "50.0 %"
    assert [row[0] for row in panel.widget.view.rows_model.rows] == list(trades[::-1])
    assert panel.text("p3Sample") == "n 8 · small sample" and panel.is_shown("p3Sample")
    assert panel.find("p3Cell_pnl").toolTip().startswith("Sum of p\n")
    assert panel.spoken("p3Cell_pnl") == "Total P&L: plus 328.00 USD, profit"


def test_no_trades_is_said_and_no_figure_is_zero(panel: Bench) -> None:
    query = asked(panel, flat())
    panel.show(with_answers(flat(), answered(query, counted(()))))
    assert panel.widget.view.empty_text == EMPTY
    assert panel.text("p3Cell_pnl") == "—" and not panel.is_shown("p3Sample")


def test_waiting_shows_after_a_moment_and_never_old_figures_of_another_question(panel: Bench) -> None:
    query = asked(panel, flat())
    world = with_answers(flat(), answered(query, counted(several_trades())))
    panel.show(world).press("p3Pill_ALL")
    panel.show(world)
    assert panel.text("p3Cell_trades") == "—" and panel.widget.view.empty_text == ""
    panel.show(world, after_s=0.25)
    assert panel.widget.view.empty_text == READING
    panel.show(world, after_s=10.0)
    assert panel.widget.view.empty_text.startswith(FAILED)


def test_a_failure_names_its_cause_and_leaves_dashes(panel: Bench) -> None:
    query = asked(panel, flat())
    panel.show(with_answers(flat(), answered(query, None, "The disk failed.")))
    assert panel.widget.view.empty_text == f"{FAILED} The disk failed."
    assert panel.text("p3Note") == FAILED and panel.tone("p3Note") == "danger"
    assert panel.text("p3Cell_pnl") == "—"


def test_a_closed_trade_has_the_figures_asked_for_anew(panel: Bench) -> None:
    panel.show(flat()).show(flat(), after_s=1.0)
    before = len(panel.queries)
    panel.show(flat(trades=(trade(),)), after_s=1.0)
    assert len(panel.queries) == before + 1


def test_a_pill_changes_the_stretch_of_time(panel: Bench) -> None:
    panel.show(flat())
    for period in (Period.WEEK, Period.YEAR, Period.ALL):
        panel.press(f"p3Pill_{period.value}")
        panel.show(flat())
        query = panel.queries[-1]
        assert query.filter == TradeFilter(ACCOUNT, Mode.SIM, period_start(period, NOW))
        assert panel.find(f"p3Pill_{period.value}").isChecked()


def test_many_trades_come_in_pages_of_two_hundred(panel: Bench) -> None:
    total = 2 * PAGE_ROWS + 31
    query = asked(panel, flat())
    panel.show(with_answers(flat(), answered(query, counted(several_trades(), total))))
    assert panel.text("p3Rows") == "1–200 of 431"
    assert (panel.find("p3Newer").isEnabled(), panel.find("p3Older").isEnabled()) == (False, True)
    world = with_answers(flat(), answered(query, counted(several_trades(), total)))
    for page in (1, 2):
        panel.press("p3Older")
        query = asked(panel, world)
        assert query.page == page
        assert panel.text("p3Cell_trades") == "8", "the figures are of all pages and stay"
        world = with_answers(flat(), answered(query, counted(several_trades(), total)))
    panel.show(world)
    assert panel.text("p3Rows") == "401–431 of 431"
    assert (panel.find("p3Newer").isEnabled(), panel.find("p3Older").isEnabled()) == (True, False)
    panel.press("p3Pill_ALL")
    assert asked(panel, world).page == 0


def test_another_account_begins_on_its_first_page(panel: Bench) -> None:
    query = asked(panel, flat())
    world = with_answers(flat(), answered(query, counted(several_trades(), 2 * PAGE_ROWS)))
    panel.show(world).press("p3Older")
    assert asked(panel, world).page == 1
    assert asked(panel, flat(selected_account=OTHER_ACCOUNT)).page == 0


def test_hidden_it_asks_for_nothing(panel: Bench) -> None:
    panel.widget.hide()
    panel.show(flat())
    assert panel.queries == []


def test_without_an_account_it_says_so(panel: Bench) -> None:
    panel.show(Snapshot())
    assert panel.widget.view.empty_text == "No account yet." and panel.queries == []
