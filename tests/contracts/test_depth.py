"""Depth of the simulator at the other end of a line, in every encoding, beside the quotes of the same moment."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Condition

import pytest

from core.model.depth import Depth
from core.state_manager import StateManager
from services.dtc.codec import SUPPORTED
from services.dtc.enums import EncodingEnum
from services.simulator.contracts import listed_contracts
from tests.contracts.simulated_line import SimulatedLine

WITHIN_S = 10.0
SYMBOL = listed_contracts(datetime.now(UTC).date())[0].symbol
NOTHING = Depth(SYMBOL)


class Board(StateManager):
    """A state whose books can be waited for.

    Attributes:
        put: how many books arrived. begun: how many of them were not whole yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.put = self.begun = 0
        self._woken = Condition()

    def put_depth(self, connection: str, depth: Depth) -> None:
        """Set the latest, and wake who waits."""
        super().put_depth(connection, depth)
        with self._woken:
            self.put += 1
            self.begun += not depth.complete
            self._woken.notify_all()

    def drop_depth(self, connection: str, symbol: str) -> None:
        """Forget it, and wake who waits."""
        super().drop_depth(connection, symbol)
        with self._woken:
            self._woken.notify_all()

    def wait(self, condition: Callable[[Depth], bool]) -> Depth:
        """Wait until the book is so; return it."""
        with self._woken:
            assert self._woken.wait_for(lambda: condition(self.depth), WITHIN_S), self.depth
            return self.depth

    @property
    def depth(self) -> Depth:
        """The book of the symbol."""
        return self.snapshot().depths.get(("sim", SYMBOL), NOTHING)


class Line(SimulatedLine):
    """The line, and what the window would see of its depth."""

    def __init__(self, folder: Path, encoding: EncodingEnum) -> None:
        self.board = Board()
        super().__init__(folder, encoding, self.board)
        self.client.follow_depth(SYMBOL, True)
        self.client.start()


@pytest.fixture(params=SUPPORTED, ids=lambda encoding: encoding.name)
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path, request.param)
    yield line
    line.close()


def test_the_book_arrives_in_points_both_sides_in_order_and_goes_on(line: Line) -> None:
    first = line.board.wait(lambda depth: depth.complete)
    assert len(first.bids) == len(first.asks) == 10 and not first.is_crossed and not first.stale
    bids, asks = ([price for price, _ in side] for side in (first.bids, first.asks))
    assert bids == sorted(bids, reverse=True) and asks == sorted(asks)
    assert all(Decimal(6000) < price < Decimal(7000) and price % Decimal("0.25") == 0 for price in (*bids, *asks))
    line.board.wait(lambda depth: (depth.bids, depth.asks) != (first.bids, first.asks))


def test_it_is_the_book_the_quotes_are_the_best_of(line: Line) -> None:
    line.client.subscribe(SYMBOL)
    line.board.wait(lambda depth: depth.complete)

    def agree(depth: Depth) -> bool:
        quote = line.board.snapshot().quotes.get(("sim", SYMBOL))
        return quote is not None and depth.complete and (quote.bid, quote.ask) == (depth.bids[0][0], depth.asks[0][0])

    for _ in range(5):
        put = line.board.put
        line.board.wait(lambda depth, put=put: line.board.put > put and agree(depth))  # type: ignore[misc]
        assert not line.board.depth.is_crossed


def test_who_looks_away_hears_no_more(line: Line) -> None:
    line.board.wait(lambda depth: depth.complete)
    line.client.follow_depth(SYMBOL, False)
    line.board.wait(lambda depth: depth is NOTHING)
    line.client.follow_depth(SYMBOL, True)
    line.board.wait(lambda depth: depth.complete)


def test_a_line_that_comes_back_brings_a_new_book(line: Line) -> None:
    line.board.wait(lambda depth: depth.complete)
    begun = line.board.begun
    line.server.control("drop")
    line.client.reconnect()
    line.board.wait(lambda depth: line.board.begun > begun)
    line.board.wait(lambda depth: depth.complete and len(depth.bids) == 10)


def test_a_feed_that_goes_makes_it_history_and_its_return_brings_it_back(line: Line) -> None:
    line.client.subscribe(SYMBOL)
    line.board.wait(lambda depth: depth.complete)
    line.server.control("feed_down")
    line.board.wait(lambda depth: depth.stale and bool(depth.bids))
    line.server.control("feed_down", on=False)
    line.board.wait(lambda depth: depth.complete and not depth.stale)
