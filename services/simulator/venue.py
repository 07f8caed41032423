"""The whole simulated venue without a socket: contracts, market, broker, clock, memory.

The clock. Market time starts at the wall clock's time and runs with it (times the speed) while somebody is
connected. It stops with the last line: what was received is settled, then nothing happens until the next line
opens, when the market clock jumps to the wall clock. It never goes back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.dtc.enums import TradingStatusEnum
from services.simulator import session_memory
from services.simulator.broker import SimulatedBroker
from services.simulator.contracts import Contract, listed_contracts
from services.simulator.market import SyntheticMarket
from services.simulator.ports import MarketEvent, MarketPort, SimulatorStore, StatusChanged, VenueEvent
from services.simulator.records import Records, open_accounts
from services.simulator.reports import Report
from services.simulator.settings import SimulatorSettings
from services.simulator.tape import Tape

_MARKET = "market"
_SESSIONS = "sessions"
_OPEN = TradingStatusEnum.TRADING_STATUS_OPEN


@dataclass(frozen=True, slots=True)
class Happened:
    """What a stretch of market time brought."""

    events: list[VenueEvent]
    reports: list[Report]


class Venue:
    """Market and broker under one clock; one thread uses it.

    Attributes:
        running: whether market time passes.
        frozen: whether the market stands still while time passes; a fault for tests.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        store: SimulatorStore,
        wall_us: int,
        market: MarketPort | None = None,
        listed: Sequence[Contract] = (),
    ) -> None:
        """Take over the store's memory, or open for the first time.

        Args:
            wall_us: the wall clock's time.
            market: another market than the seeded one.
            listed: what that market trades; empty for what the seeded one lists.
        """
        records = Records(store)
        open_accounts(records, settings.accounts)
        if not records.value("venue"):
            records.set_value("venue", settings.venue or secrets.token_hex(2).upper())
        contracts = tuple(listed) or listed_contracts(
            datetime.fromtimestamp(wall_us / 1_000_000, UTC).date(), _in_use(records), settings.price_multipliers
        )
        self.market = market or SyntheticMarket(
            contracts, settings.seed, wall_us, records.value(_MARKET), settings.hours
        )
        self.broker = SimulatedBroker(contracts, records, settings.fees, settings.latency_ms * 1_000, settings.rates)
        self.contracts = self.broker.contracts
        self.records = records
        before = session_memory.sessions(records.value(_SESSIONS))
        self.tape = Tape(lambda fresh: session_memory.restored(fresh, before.get(fresh.book.symbol)))
        self.running = False
        self.frozen = False
        self.serves_history = False
        self._phases: dict[str, TradingStatusEnum] = {}
        self._halted: set[str] = set()
        self.wake(wall_us)
        self._happen(self.market.opening())
        self.save()

    @property
    def now_us(self) -> int:
        """Market time."""
        return self.market.now_us

    def wake(self, wall_us: int) -> None:
        """Bring a clock that stood still up to the wall clock; nothing happened in between."""
        self.market.jump(wall_us)

    def pass_time(self, dt_us: int) -> Happened:
        """Let market time pass."""
        if self.frozen:
            self.market.jump(self.now_us + dt_us)
            return Happened([], self.broker.advance(self.now_us))
        happened = self._happen(self.market.step(dt_us))
        return Happened(happened.events, happened.reports + self.broker.advance(self.now_us))

    def halt(self, symbol: str, on: bool) -> None:
        """Stop trading in a symbol: nothing is quoted, printed or matched; or let it go on where the market is then.

        Raises:
            KeyError: there is no such symbol.
        """
        tape = self.tape.symbols[symbol]
        if on:
            self._halted.add(symbol)
        else:
            self._halted.discard(symbol)
        phase = self._phases.get(symbol, _OPEN)
        tape.status = TradingStatusEnum.TRADING_STATUS_TRADING_HALT if on else phase
        self.broker.halt(symbol, on or phase is not _OPEN)

    def rest(self) -> list[Report]:
        """Settle what was received, stop the clock and save."""
        self.running = False
        reports = self.broker.settle(self.now_us)
        self.save()
        return reports

    def save(self) -> None:
        """Write down the market and its sessions, so that prices and their day continue after a restart."""
        self.records.set_value(_SESSIONS, session_memory.saved(self.tape.symbols))
        if state := self.market.state():
            self.records.set_value(_MARKET, state)
        self.records.commit()

    def _happen(self, events: Iterable[VenueEvent]) -> Happened:
        told: list[VenueEvent] = []
        reports: list[Report] = []
        traded: list[MarketEvent] = []
        for event in events:
            if isinstance(event, StatusChanged):
                reports += self._trade(traded) + self._turn(event)
                traded = []
            elif event.symbol not in self._halted:
                traded.append(event)
            if event.symbol not in self._halted:
                told.append(event)
        return Happened(told, reports + self._trade(traded))

    def _trade(self, events: list[MarketEvent]) -> list[Report]:
        self.tape.follow(events)
        return self.broker.on_events(events)

    def _turn(self, event: StatusChanged) -> list[Report]:
        """Open or close trading in a symbol; a halt by hand outlasts it."""
        reports = self.broker.advance(event.at_us)
        self._phases[event.symbol] = event.status
        self.broker.close(event.symbol, event.status is TradingStatusEnum.TRADING_STATUS_CLOSE)
        if event.symbol not in self._halted:
            self.tape.follow([event])
            self.broker.halt(event.symbol, event.status is not _OPEN)
        if event.settles_at is not None:
            reports += self.broker.expire(event.symbol, event.settles_at, event.at_us)
        return reports


def _in_use(records: Records) -> Iterable[str]:
    held = [position.symbol for position in records.positions if position.quantity]
    return held + [order.symbol for order in records.open_orders()]
