"""The money in the pictures is one story: whoever adds it up gets what every panel says."""

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from core.commands import RunQuery
from core.model.period import Period, period_start
from core.model.position import Position, apply_fill
from core.model.statistics import statistics_of
from core.model.trade import Trade
from core.model.trading_day import day_start
from core.queries import EquityFilter, EquityFound
from core.snapshot import Snapshot
from docs.demo_books import BEGAN_WITH
from docs.demo_world import Answering, History
from docs.scenes import SCENES
from panels import formatting as f
from panels.account_panel import money_of
from panels.action_ids import ActionIds
from panels.terminal_view import TerminalView
from panels.theme import load_theme
from services.stats_service import StatsService
from tests.panels.conftest import HandClock
from tests.panels.worlds import ACCOUNT, ES, ES_KEY, MES, NOW

NONE = Decimal(0)
Make = Callable[[], Snapshot]
every_scene = pytest.mark.parametrize("make", [one.snapshot for one in SCENES], ids=[one.name for one in SCENES])


def entry_costs(world: Snapshot) -> Decimal:
    """Return what entering costs that is open."""
    return sum((one.commissions or Decimal(0) for one in world.positions.values()), NONE)


@every_scene
def test_balance_and_own_figure_are_what_was_traded(make: Make) -> None:
    world = make()
    money = money_of(world, ACCOUNT)
    traded = statistics_of(world.trades).net
    assert world.trades and traded is not None
    assert money.cash == money.own == BEGAN_WITH + traded - entry_costs(world)
    assert money.delta is None and money.margin is not None and money.cash is not None
    assert money.available == money.cash - money.margin


@every_scene
def test_the_day_is_what_the_curve_of_the_day_says(make: Make) -> None:
    world = make()
    history = History(world)
    asked = RunQuery("equity", EquityFilter(ACCOUNT, period_start(Period.DAY, NOW)))
    found = StatsService(history, history).answer(asked)
    assert isinstance(found, EquityFound)
    assert found.gained == world.ledger[ACCOUNT].day_net
    assert found.points[-1].cash == world.ledger[ACCOUNT].cash


@every_scene
def test_trades_follow_each_other_and_their_money_is_that_of_their_prices(make: Make) -> None:
    world = make()
    for before, after in pairwise(world.trades):
        assert after.entry_time is not None
        assert before.exit_time < after.entry_time < after.exit_time < NOW
    for one in world.trades:
        assert None not in (one.entry_price, one.exit_price)
        contract = ES if one.key == ES_KEY else MES
        points = ((one.exit_price or NONE) - (one.entry_price or NONE)) * one.direction
        assert one.realized_pnl == contract.money(points, one.quantity)
        assert one.realized_pnl is not None and one.mae is not None and one.mfe is not None
        assert -one.mae <= one.realized_pnl <= one.mfe


@every_scene
def test_the_fills_of_the_day_add_up_to_its_trades_and_to_what_is_open(make: Make) -> None:
    world = make()
    held: Position | None = None
    ended: list[Trade] = []
    for fill in world.fills:
        if fill.key == ES_KEY:
            change = apply_fill(held, fill, ES)
            held, ended = change.after, [*ended, *([] if change.trade is None else [change.trade])]
    open_ = world.positions.get(ES_KEY)
    assert (None if held is None else held.quantity) == (None if open_ is None else open_.quantity)
    today = [one for one in world.trades if one.exit_time > day_start(NOW) and one.key == ES_KEY]
    assert [one.net for one in ended] == [one.net for one in today]


def test_the_window_says_the_same_of_the_day_in_every_panel(qapp: QApplication) -> None:
    scene = next(one for one in SCENES if one.name == "02-trade-sim")
    theme, clock = load_theme("dark"), HandClock()
    engine = Answering(scene.snapshot())
    view = TerminalView(theme, clock, ActionIds(clock.monotonic), UTC)
    view.intent.connect(engine.take)
    view.show()
    view.workspaces.open(scene.workspace)
    for _ in range(4):
        view.refresh(engine.snapshot, clock.now(), clock.monotonic())
        qapp.processEvents()
        clock.seconds += 0.4

    def text(name: str) -> str:
        label = view.findChild(QLabel, name)
        assert label is not None
        return label.text()

    day = f.result(engine.snapshot.ledger[ACCOUNT].day_net)
    assert text("p1DayNet") == text("domDay") == day
    assert text("p1CurveText").startswith(f"{day} since")
    view.close()
    view.deleteLater()
