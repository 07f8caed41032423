"""What the tests of charts share."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from panels.action_ids import ActionIds
from panels.chart_panel import ChartPanel
from panels.charts.preview import plans_of
from panels.feed_watch import FeedWatch
from panels.order_entry_panel import OrderEntryPanel
from panels.theme import Theme
from tests.panels.charts.hand import Hand
from tests.panels.conftest import Bench, HandClock


@pytest.fixture
def hand(theme: Theme, ids: ActionIds, clock: HandClock, bench: Callable[..., Bench], qtbot: QtBot) -> Hand:
    """A chart panel beside a ticket."""
    ticket = OrderEntryPanel(theme, ids)
    qtbot.addWidget(ticket)
    panel = ChartPanel(theme, ids, FeedWatch(), ZoneInfo("America/Chicago"), plans_of(ticket.fields))
    made = bench(panel)
    panel.resize(900, 480)
    with qtbot.waitExposed(panel):
        panel.show()
    return Hand(made, ticket)
