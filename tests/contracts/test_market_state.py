"""What the simulator says of sessions, halts and its feed, at the other end of a line, in every encoding."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Condition

import pytest

from core.events import VenueSpoke
from core.model.market import FeedState, Quote, SessionFigures, TradingStatus
from core.snapshot import Snapshot
from core.state_manager import StateManager
from services.dtc.codec import SUPPORTED
from services.dtc.enums import EncodingEnum
from services.simulator.contracts import listed_contracts
from tests.contracts.simulated_line import SimulatedLine

WITHIN_S = 10.0
SYMBOL = listed_contracts(datetime.now(UTC).date())[0].symbol


class Board(StateManager):
    """A state whose market can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._woken = Condition()

    def put_quote(self, connection: str, quote: Quote) -> None:
        """Set the latest, and wake who waits."""
        super().put_quote(connection, quote)
        with self._woken:
            self._woken.notify_all()

    def put_session_figures(self, connection: str, figures: SessionFigures) -> None:
        """Set the latest, and wake who waits."""
        super().put_session_figures(connection, figures)
        with self._woken:
            self._woken.notify_all()

    def wait(self, condition: Callable[[Snapshot], bool]) -> None:
        """Wait until the market is so."""
        with self._woken:
            assert self._woken.wait_for(lambda: condition(self.snapshot()), WITHIN_S), self.snapshot()


class Line(SimulatedLine):
    """The line, and what the window would see of its market."""

    def __init__(self, folder: Path, encoding: EncodingEnum) -> None:
        self.board = Board()
        super().__init__(folder, encoding, self.board)
        self.client.subscribe(SYMBOL)
        self.client.start()
        self.wait(lambda quote: quote.last is not None and not quote.stale)

    def wait(self, condition: Callable[[Quote], bool]) -> None:
        """Wait until the quote is so."""
        self.board.wait(lambda shown: condition(shown.quotes.get(("sim", SYMBOL), Quote(SYMBOL))))

    def said(self, text: str) -> None:
        """Wait until the venue said so."""
        self.inbox.wait_for(VenueSpoke, lambda one: text in one.text)


@pytest.fixture(params=SUPPORTED, ids=lambda encoding: encoding.name)
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path, request.param)
    yield line
    line.close()


def test_the_figures_of_the_session_arrive_in_points_and_go_on(line: Line) -> None:
    def traded(shown: Snapshot) -> bool:
        held = shown.session_figures.get(("sim", SYMBOL))
        return held is not None and bool(held.trades) and held.high is not None

    line.board.wait(traded)
    first = line.board.snapshot().session_figures["sim", SYMBOL]
    assert first.open is not None and first.high is not None and first.low is not None
    assert Decimal(6000) < first.low <= first.open <= first.high < Decimal(7000)
    assert first.settlement is not None and Decimal(6000) < first.settlement < Decimal(7000)
    assert first.day is not None and timedelta(0) <= first.day - datetime.now(UTC).date() <= timedelta(days=5)
    assert first.volume and first.open_interest == 250_000
    line.board.wait(lambda shown: shown.session_figures["sim", SYMBOL].volume > first.volume)  # type: ignore[operator]


def test_a_halt_is_a_text_on_the_quote_until_it_ends(line: Line) -> None:
    line.wait(lambda quote: quote.trading is TradingStatus.OPEN and quote.text == "")
    line.server.control("halt", symbol=SYMBOL)
    line.wait(lambda quote: quote.text == "Trading halted")
    line.said("trading is halted")
    assert not line.board.snapshot().quotes["sim", SYMBOL].stale, "the feed is there; it has nothing to tell"
    line.server.control("halt", symbol=SYMBOL, on=False)
    line.wait(lambda quote: quote.text == "")
    line.said("trading is open")


@pytest.mark.parametrize("symbol", [{}, {"symbol": SYMBOL}], ids=["the whole feed", "one symbol"])
def test_a_feed_that_goes_makes_quotes_history_and_its_return_subscribes_again(
    line: Line, symbol: dict[str, str]
) -> None:
    line.server.control("feed_down", **symbol)
    line.wait(lambda quote: quote.stale and quote.feed is FeedState.DOWN)
    line.said("feed is down")
    assert line.board.snapshot().quotes["sim", SYMBOL].text == "Market data feed down"
    line.server.control("feed_down", on=False, **symbol)
    line.said("feed is up")
    line.wait(lambda quote: not quote.stale and quote.feed is FeedState.UP)
    last = line.board.snapshot().quotes["sim", SYMBOL]
    line.wait(lambda quote: (quote.bid, quote.ask, quote.last) != (last.bid, last.ask, last.last))


def test_a_line_that_falls_while_the_feed_is_down_comes_back_to_history(line: Line) -> None:
    line.server.control("feed_down")
    line.wait(lambda quote: quote.feed is FeedState.DOWN)
    before = line.board.snapshot().quotes["sim", SYMBOL].received_at
    line.server.control("drop")
    line.client.reconnect()
    line.wait(lambda quote: quote.received_at != before)
    assert line.board.snapshot().quotes["sim", SYMBOL].stale
    line.server.control("feed_down", on=False)
    line.wait(lambda quote: not quote.stale)
