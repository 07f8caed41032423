"""Random lives of a scope: what may happen to it, drawn from a seed, in the words of the program."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.model.fill import Fill, FillSource, Side
from core.model.instrument import Instrument
from core.model.scope import PositionKey

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)

CONTRACTS = (
    Instrument("ESZ6", Decimal("0.25"), Decimal("12.5"), "USD"),
    Instrument("MESZ6", Decimal("0.25"), Decimal("1.25"), "USD"),
    Instrument("ZNZ6", Decimal("0.015625"), Decimal("15.625"), "USD"),
    Instrument("6EZ6", Decimal("0.00005"), Decimal("6.25"), "USD"),
    Instrument("CLF7", Decimal("0.01"), Decimal("10"), "USD"),
    Instrument("BTCUSDT", Decimal("0.1"), Decimal("0.1"), "USDT", quantity_step=Decimal("0.00000001")),
)
SIZES = {"BTCUSDT": ("0.5", "0.00000001", "0.12345678", "0.1", "3", "0.33333333")}


@dataclass(frozen=True)
class Traded:
    """A print of the tape."""

    price: Decimal


@dataclass(frozen=True)
class StopWorks:
    """A protective stop was acknowledged."""

    price: Decimal


@dataclass(frozen=True)
class ContractKnown:
    """The venue told what a tick is worth."""

    instrument: Instrument


Happening = Fill | Traded | StopWorks | ContractKnown


class Life:
    """One scope, its contract, and a seeded course of events.

    Attributes:
        known: the contract as it is known at the start; may lack its tick value.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.contract = self._random.choice(CONTRACTS)
        hidden = self._random.random() < 0.1
        self.known = Instrument(self.contract.symbol) if hidden else self.contract
        self.key = PositionKey("sim", "Sim1", self.contract.symbol)
        self._hidden = hidden
        self._held = Decimal(0)
        self._ticks = self._random.randint(-200, 20_000) if self.contract.symbol == "CLF7" else 20_000
        self._count = 0

    def events(self, length: int) -> Iterator[Happening]:
        """Yield what happens, ending flat half of the time."""
        for _ in range(length):
            self._ticks += self._random.randint(-8, 8)
            yield self._event()
        if self._held and self._random.random() < 0.5:
            yield self._fill(-self._held)

    def _event(self) -> Happening:
        luck = self._random.random()
        if self._hidden and luck < 0.15:
            self._hidden = False
            return ContractKnown(self.contract)
        if luck < 0.35:
            return Traded(self._price())
        if luck < 0.42 and self._held and not self._hidden:
            away = Decimal(self._random.randint(500, 600)) * (1 if self._held > 0 else -1)
            assert self.contract.tick_size is not None
            return StopWorks((self._ticks - away) * self.contract.tick_size)
        return self._fill(self._signed())

    def _signed(self) -> Decimal:
        luck = self._random.random()
        if self._held and luck < 0.2:
            return -self._held
        sizes = SIZES.get(self.contract.symbol)
        size = Decimal(self._random.choice(sizes)) if sizes else Decimal(self._random.randint(1, 4))
        if self._held and luck < 0.35:
            return -(self._held + size.copy_sign(self._held))
        return size if self._random.random() < 0.5 else -size

    def _fill(self, signed: Decimal) -> Fill:
        self._held += signed
        self._count += 1
        at = START + timedelta(seconds=self._count)
        luck = self._random.random()
        return Fill(
            key=self.key,
            execution_id=f"E{self._count}",
            side=Side.BUY if signed > 0 else Side.SELL,
            quantity=abs(signed),
            price=None if luck < 0.03 else self._price(),
            fill_time=at,
            received_at=at,
            commission=self._cost(abs(signed)),
            source=FillSource.RECON if 0.02 < luck < 0.05 else FillSource.OURS,
        )

    def _cost(self, quantity: Decimal) -> Decimal | None:
        luck = self._random.random()
        if luck < 0.03:
            return None
        rate = Decimal(self._random.choice(("2.1", "0.37", "0", "-0.25", "1.23456789")))
        return rate if luck < 0.5 else rate * quantity

    def _price(self) -> Decimal:
        assert self.contract.tick_size is not None
        return self._ticks * self.contract.tick_size
