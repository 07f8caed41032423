"""The simulator's history as its server runs it: the book that follows the market, and the port that answers."""

from __future__ import annotations

import errno
import selectors
import time
from collections.abc import Iterable
from pathlib import Path

from services.simulator.errors import PortBusy, UnlistenableAddress
from services.simulator.history_book import HistoryBook
from services.simulator.history_line import HistoryLine
from services.simulator.history_port import HistoryPort
from services.simulator.ports import VenueEvent
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue


class History:
    """Does nothing where the settings name no history port; the server's thread uses it."""

    def __init__(
        self, settings: SimulatorSettings, venue: Venue, selector: selectors.BaseSelector, *, is_made_up: bool
    ) -> None:
        """Begin with the contracts the venue lists.

        Args:
            is_made_up: what was before the market was opened is generated; not of a replayed file.
        """
        self._settings = settings
        self._venue = venue
        self._book = HistoryBook(Path(settings.data_dir), venue.contracts, settings.seed, is_made_up=is_made_up)
        self._port = HistoryPort(selector, self._line)
        self._is_on = settings.history_port is not None
        if self._is_on:
            prices = {symbol: tape.book.last for symbol, tape in venue.tape.symbols.items()}
            self._book.open(venue.now_us, prices)

    @property
    def port(self) -> int:
        """Where it listens; 0 when it does not."""
        return self._port.port

    def listen(self) -> None:
        """Open the port, if there is to be one.

        Raises:
            PortBusy: another program listens there.
            UnlistenableAddress: the address cannot be used at all.
        """
        host, port = self._settings.host, self._settings.history_port
        if port is None:
            return
        try:
            self._port.listen(host, port)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise PortBusy(f"History port {port} on {host} is in use by another program") from error
            raise UnlistenableAddress(f"Cannot listen on {host}:{port}: {error}") from error
        except OverflowError as error:
            raise UnlistenableAddress(f"Cannot listen on {host}:{port}: {error}") from error
        self._venue.serves_history = True

    def follow(self, events: Iterable[VenueEvent]) -> None:
        """Take what happened."""
        if self._is_on:
            self._book.follow(events)

    def attend(self, now: float) -> None:
        """Look after the clients, once a turn."""
        self._port.attend(now)

    def save(self) -> None:
        """Write down what is over."""
        self._book.save()

    def close(self, *, abruptly: bool) -> None:
        """Release the sockets; write down everything unless it is as if killed."""
        self._port.close()
        if not abruptly:
            self._book.close()

    def _line(self) -> HistoryLine:
        contracts = self._venue.contracts
        return HistoryLine(self._settings.session, self._book, contracts, lambda: self._venue.now_us, time.monotonic())
