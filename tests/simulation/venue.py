"""The simulated venue without its server: one client's line at most, a market moved by hand, every fault on command."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.order_entry import SubmitNewOCOOrder, SubmitNewSingleOrder
from services.simulator import wire
from services.simulator.account_specs import AccountSpec
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.control import Control
from services.simulator.faults import LineFaults
from services.simulator.line import Line
from services.simulator.orders import Side
from services.simulator.ports import BookChanged, Level, Traded, VenueEvent
from services.simulator.reports import Report
from services.simulator.settings import SimulatorSettings
from services.simulator.venue import Venue
from tests.services.simulator.venue import MemoryStore
from tests.simulation.pipe import Pipe

DEPTH = 3


class HandMarket:
    """A market that does nothing by itself."""

    def __init__(self, contracts: Sequence[Contract], now_us: int) -> None:
        self.now_us = now_us
        self._contracts = {one.symbol: one for one in contracts}
        self._waiting: list[VenueEvent] = []
        for one in contracts:
            self.move(one.symbol, one.character.opens_at)

    def move(self, symbol: str, price: Decimal) -> None:
        """Have the next step trade at a price, with a book around it."""
        tick = self._contracts[symbol].tick_size
        bids: tuple[Level, ...] = tuple((price - one * tick, Decimal(2)) for one in range(DEPTH))
        asks: tuple[Level, ...] = tuple((price + (one + 1) * tick, Decimal(2)) for one in range(DEPTH))
        self._waiting.append(Traded(symbol, self.now_us, price, Decimal(1), Side.SELL))
        self._waiting.append(BookChanged(symbol, self.now_us, bids, asks, price))

    def opening(self) -> Sequence[VenueEvent]:
        """Return the first books."""
        return self.step(0)

    def step(self, dt_us: int) -> Sequence[VenueEvent]:
        """Let time pass; what was moved happens now."""
        self.now_us += dt_us
        waiting, self._waiting = self._waiting, []
        return waiting

    def jump(self, now_us: int) -> None:
        """Move the clock."""
        self.now_us = max(self.now_us, now_us)

    def state(self) -> str:
        """Return nothing: it is never continued."""
        return ""


class HeardLine(Line):
    """A line that notes every new order that arrives on it."""

    def __init__(self, arrived: list[str], *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._heard = arrived

    def _submit(self, message: SubmitNewSingleOrder) -> None:
        self._heard.append(message.ClientOrderID)
        super()._submit(message)

    def _submit_pair(self, message: SubmitNewOCOOrder) -> None:
        self._heard += (message.ClientOrderID_1, message.ClientOrderID_2)
        super()._submit_pair(message)

    def _submit_bracket(self, parent: SubmitNewSingleOrder, message: SubmitNewOCOOrder) -> None:
        self._heard += (message.ClientOrderID_1, message.ClientOrderID_2)
        super()._submit_bracket(parent, message)


class HandVenue:
    """A venue and the server's end of one connection.

    Attributes:
        arrived: client ids of the new orders that came in, however often.
        sent: how many bytes were put on their way to the client.
        pipe: the connection of the moment; None between two.
    """

    def __init__(self, accounts: Iterable[str], roots: Iterable[str], day: datetime) -> None:
        wanted = set(roots)
        contracts = [one for one in listed_contracts(day.date()) if one.root in wanted]
        firsts = {one.root: one for one in reversed(contracts)}
        contracts = [firsts[root] for root in sorted(wanted)]
        now_us = int(day.astimezone(UTC).timestamp() * 1_000_000)
        specs = {name: AccountSpec(Decimal(10_000_000)) for name in accounts}
        self._settings = SimulatorSettings(Path(), ends_with_stdin=False, accounts=specs, venue="T1")
        self.market = HandMarket(contracts, now_us)
        self.venue = Venue(self._settings, MemoryStore(), now_us, self.market, contracts)
        self.faults = LineFaults()
        self.control = Control(self.venue, self.faults, self)
        self.arrived: list[str] = []
        self.sent = 0
        self.pipe: Pipe | None = None
        self._line: Line | None = None
        self.venue.running = True

    @property
    def symbols(self) -> list[str]:
        """What is listed."""
        return sorted(self.venue.contracts)

    def dialed(self, now_s: float) -> Pipe | None:
        """Take a connection, instead of the one there was; None when it is refused."""
        if self.faults.refuse_connections:
            return None
        self._hang_up()
        self.pipe = Pipe()
        self._line = HeardLine(
            self.arrived, self._settings.session, self.venue, self.faults, _nothing, self.tell_all, now_s
        )
        return self.pipe

    def take(self, data: bytes, now_s: float) -> None:
        """Handle bytes that arrived."""
        if self._line is None or not data:
            return
        try:
            self._line.receive(data, now_s)
        except RemoteProtocolError:
            self._hang_up()
        self.flush()

    def pass_time(self, seconds: float, now_s: float) -> None:
        """Let time pass here."""
        happened = self.venue.pass_time(int(seconds * 1_000_000))
        if self._line is not None and not self.silent:
            self._line.tick(now_s)
            if self._line.active and happened.events:
                self._line.tell_market(happened.events)
        self.tell_all(happened.reports)
        self.flush()

    @property
    def silent(self) -> bool:
        """Whether the connection is half-open."""
        return self.pipe is not None and self.pipe.frozen

    def flush(self) -> None:
        """Put on its way what the line wants sent, and notice when the conversation is over."""
        if self._line is None or self.pipe is None:
            return
        session = self._line.session
        while data := session.data_to_send():
            self.pipe.to_client += data
            self.sent += len(data)
            session.data_sent(len(data))
        if self._line.over or session.ended:
            self._hang_up()

    # -- what the control does to lines -----------------------------------------------------------------------------

    def drop_lines(self, reset: bool) -> None:
        """Close the connection, or break it."""
        if self.pipe is not None and reset:
            self.pipe.reset()
        self._hang_up()

    def log_off_lines(self, reason: str, do_not_reconnect: bool) -> None:
        """Say goodbye."""
        if self._line is not None:
            self._line.session.log_off(reason, do_not_reconnect=do_not_reconnect)
            self.flush()

    def set_silent(self, on: bool) -> None:
        """Freeze the connection, or thaw it."""
        if self.pipe is not None:
            self.pipe.frozen = on

    def tell_all(self, reports: list[Report]) -> None:
        """Send reports to whoever is logged on."""
        if reports and self._line is not None and self._line.active:
            last = self.venue.broker.last_prices()
            self._line.tell([wire.report(each, self.venue.contracts, last) for each in reports])
            self.flush()

    def tell_feed(self, symbols: Iterable[str], is_up: bool, whole: bool) -> None:
        """Tell that market data went or came back."""
        if self._line is not None and self._line.active:
            self._line.tell_feed(symbols, is_up, whole)
            self.flush()

    def tell_figures(self) -> None:
        """Send what has changed in sessions."""
        if self._line is not None and self._line.active:
            self._line.tell_figures()
            self.flush()

    def count_lines(self) -> int:
        """Return whether somebody is logged on."""
        return int(self._line is not None and self._line.active)

    def _hang_up(self) -> None:
        if self.pipe is not None:
            self.pipe.end()
        self.pipe = self._line = None


def _nothing() -> None:
    """Nobody waits for a logon here."""
