"""The bars of what is shown: trades folded as they come, history in front of them.

Bars are published in bulk, thirty times a second at most while trades come, and with the clock at the latest. What is
asked of history never waits: the answer comes as a message. When and of whom it is asked: `chart_history`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from core import chart_commands as c
from core import events
from core.clock import Clock
from core.history import HistoryArrived, HistoryFailed, HistoryProgress, HistorySource
from core.market_board import TickBatch
from core.messages import Message
from core.model.bar import BarSeries, ChartKey
from core.ports import Broker
from core.state_manager import StateManager
from services.chart_history import Asking, Chart, ChartHistory, first_span
from services.chart_series import ChartBars

PUBLISH_EVERY_S: Final = 1 / 30
MOST_CHARTS: Final = 32


class ChartService:
    """Keep the bars of every shown chart (trading thread)."""

    def __init__(
        self,
        brokers: Mapping[str, Broker],
        venues: Mapping[str, HistorySource],
        own: HistorySource | None,
        state: StateManager,
        clock: Clock,
    ) -> None:
        """Begin with no chart.

        Args:
            venues: who serves the history of a connection.
            own: who has the trades this program saw itself.
        """
        self._brokers = brokers
        self._state = state
        self._clock = clock
        self._history = ChartHistory(venues, own, state, clock)
        self._charts: dict[ChartKey, Chart] = {}
        self._places: dict[tuple[str, str], list[Chart]] = {}
        self._published_s = float("-inf")

    # -- what the trader wants ----------------------------------------------------------------------------------------

    def on_show(self, command: c.ShowChart) -> list[Message]:
        """Begin a chart, or note one viewer more of it."""
        key = command.key
        chart = self._charts.get(key)
        if chart is None:
            if key.connection not in self._brokers or not key.symbol or len(self._charts) >= MOST_CHARTS:
                return []
            chart = self._charts[key] = Chart(ChartBars(key), first_span(key.interval))
            self._places.setdefault((key.connection, key.symbol), []).append(chart)
            self._brokers[key.connection].subscribe(key.symbol)
            self._history.begin(chart)
        chart.viewers.add(command.viewer)
        self._publish()
        return []

    def on_hide(self, command: c.HideChart) -> list[Message]:
        """Forget a chart with its last viewer."""
        key, chart = command.key, self._charts.get(command.key)
        if chart is None:
            return []
        chart.viewers.discard(command.viewer)
        if not chart.viewers:
            del self._charts[key]
            place = (key.connection, key.symbol)
            self._places[place] = [one for one in self._places[place] if one is not chart]
            if not self._places[place]:
                del self._places[place]
            self._state.set_charts({key: None})
        return []

    def on_load_older(self, command: c.LoadOlder) -> list[Message]:
        """Ask for bars before the oldest."""
        chart = self._charts.get(command.key)
        if chart is not None and chart.asked is None and chart.bars.has_older and chart.bars.first is not None:
            self._history.ask(chart, Asking.OLDER)
            self._publish()
        return []

    def on_retry(self, command: c.RetryHistory) -> list[Message]:
        """Ask again at once for what could not be had."""
        chart = self._charts.get(command.key)
        if chart is not None and chart.asked is None:
            if chart.problem:
                self._history.ask(chart, chart.retry)
            else:
                self._history.begin(chart)
            self._publish()
        return []

    # -- trades, the line, the clock ----------------------------------------------------------------------------------

    def on_ticks(self, batches: Sequence[TickBatch]) -> None:
        """Fold what arrived; called by MarketDataService with what it drained."""
        has_moved = False
        for batch in batches:
            for chart in self._places.get((batch.connection, batch.symbol), ()):
                has_moved = True
                if chart.bars.fold(batch):
                    self._history.begin(chart)
                elif batch.dropped:
                    chart.has_missed = True
        if has_moved and self._clock.monotonic() - self._published_s >= PUBLISH_EVERY_S:
            self._publish()

    def on_link_changed(self, event: events.LinkChanged) -> list[Message]:
        """While the line is down trades are missed; when it is back, history tells which."""
        for chart in self._charts.values():
            if chart.bars.key.connection != event.connection:
                continue
            if event.link in (events.Link.OFFLINE, events.Link.REFUSED):
                self._history.on_cut(chart)
            elif event.link is events.Link.SYNCING:
                self._history.on_back(chart)
        return []

    def on_clock(self, event: events.ClockTicked) -> list[Message]:
        """Publish what moved; ask for what failed or was missed, when it is time."""
        snapshot = self._state.snapshot()
        for chart in self._charts.values():
            key = chart.bars.key
            quote = snapshot.quotes.get((key.connection, key.symbol))
            if quote is not None and quote.stale:
                self._history.on_cut(chart)
            elif quote is not None and chart.is_cut:
                self._history.on_back(chart)
            self._history.on_clock(chart, event.monotonic_s)
        self._publish()
        return []

    # -- answers ------------------------------------------------------------------------------------------------------

    def on_progress(self, event: HistoryProgress) -> list[Message]:
        """Note how far loading is; shown with the clock."""
        if (chart := self._charts.get(event.key)) is not None:
            self._history.on_progress(chart, event)
        return []

    def on_arrived(self, event: HistoryArrived) -> list[Message]:
        """Take history in."""
        if (chart := self._charts.get(event.key)) is not None:
            self._history.on_arrived(chart, event)
            self._publish()
        return []

    def on_failed(self, event: HistoryFailed) -> list[Message]:
        """Say why there is none."""
        if (chart := self._charts.get(event.key)) is not None:
            self._history.on_failed(chart, event)
            self._publish()
        return []

    def _publish(self) -> None:
        self._published_s = self._clock.monotonic()
        moved: dict[ChartKey, BarSeries | None] = {
            key: chart.bars.published(chart.progress, chart.problem)
            for key, chart in self._charts.items()
            if chart.bars.is_dirty
        }
        if moved:
            self._state.set_charts(moved)
