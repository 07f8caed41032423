"""What is asked of the past of a market, who answers, and how.

A question has a ticket; its answer is one HistoryArrived or HistoryFailed with that ticket, after any number of
HistoryProgress. Whoever answers does so by posting, in its own time, from a thread of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core.market_board import TickBatch
from core.model.bar import Bar, BarSource, ChartKey


@dataclass(frozen=True, slots=True)
class HistoryWanted:
    """Bars that begin at or after `since` and before `until`, aware UTC, the venue's time.

    Attributes:
        until: None for all there are up to now; the last of them may not be over yet.
    """

    ticket: int
    key: ChartKey
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryProgress:
    """So many bars have come; `expected` is a guess, and never less."""

    ticket: int
    key: ChartKey
    loaded: int
    expected: int


@dataclass(frozen=True, slots=True)
class HistoryArrived:
    """The bars of a question, oldest first; none is an answer too.

    Attributes:
        has_older: there may be bars before those.
    """

    ticket: int
    key: ChartKey
    bars: tuple[Bar, ...]
    source: BarSource
    has_older: bool = True


@dataclass(frozen=True, slots=True)
class HistoryFailed:
    """There is no answer.

    Attributes:
        text: why, in a sentence for the trader.
        is_final: asking again is of no use: no history is served there.
        retry_in_s: when the venue wants to be asked again, seconds; None where it did not say.
    """

    ticket: int
    key: ChartKey
    text: str
    is_final: bool = False
    retry_in_s: float | None = None


class HistorySource(Protocol):
    """Who is asked. Any thread may call; the trading thread does."""

    def request_history(self, wanted: HistoryWanted) -> None:
        """Take a question and return at once."""
        ...


class TickStore(Protocol):
    """Where the trades this program sees are kept, and found again. One thread at a time uses it."""

    def append(self, batch: TickBatch, *, is_gap: bool) -> None:
        """Take trades to be written.

        Args:
            is_gap: trades were missed before the first of them.

        Raises:
            PersistenceError: the disk does not take them.
        """
        ...

    def flush(self) -> None:
        """Write what was taken.

        Raises:
            PersistenceError: the disk does not take it.
        """
        ...

    def tidy(self, today: date) -> None:
        """Pack the days before today, and drop the oldest where there are too many.

        Raises:
            PersistenceError: the disk does not take it.
        """
        ...

    def history(self, wanted: HistoryWanted) -> HistoryArrived:
        """Return the bars of a stretch.

        Raises:
            PersistenceError: they cannot be read.
        """
        ...
