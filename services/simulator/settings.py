"""What the simulator is told when it is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, get_args

from core.errors import ConfigurationError
from services.dtc.session_settings import SessionSettings
from services.simulator.account_specs import BASE_CURRENCY, DEFAULT_ACCOUNTS, DEFAULT_RATES, AccountSpec
from services.simulator.accounts import DEFAULT_FEES
from services.simulator.fault_switches import PlannedFault

FASTEST: Final = 1_000
Hours = Literal["always", "exchange"]


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """How to run a simulator. Defaults are those of the embedded child process.

    Attributes:
        data_dir: folder of the store, the lock and the control files.
        host: address to listen on; only this machine unless told otherwise.
        port: TCP port, 0 for any free one.
        history_port: TCP port of historical prices, 0 for any free one; None: they are not served.
        seed: of the market, when the store has none yet.
        speed: market seconds per second.
        latency_ms: market time from the receipt of a request to its effect.
        keep_running: let the market run while no client is connected.
        ends_with_stdin: stop when standard input ends, that is when the parent process is gone.
        hours: "always": trading never rests; "exchange": it follows the calendar of each product.
        control_file: read `control.jsonl` in the data folder (see `control`).
        faults: what goes wrong by itself, from the start or later (see `fault_switches`).
        accounts: what to open, by account name; an account the store knows keeps its money, currency and rules.
        rates: USD for one unit of a currency; money made in the contract's currency comes to the account at them.
        fees: commission per contract and side, by root, in the contract's currency.
        price_multipliers: DTC DisplayPriceMultiplier by root; all prices on the wire are divided by it.
        venue: prefix of order and execution ids of a new store; empty for a random one, so that the ids of a store
            that was deleted never come back.
        session: the server's half of the conversation: a fixed encoding, for instance.

    Raises:
        ConfigurationError: a speed, latency or hours that make no sense, or an account in a currency without a rate.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    history_port: int | None = None
    seed: int = 1
    speed: float = 1.0
    latency_ms: int = 0
    keep_running: bool = False
    ends_with_stdin: bool = True
    hours: Hours = "always"
    control_file: bool = False
    faults: tuple[PlannedFault, ...] = ()
    accounts: Mapping[str, AccountSpec] = field(default_factory=lambda: DEFAULT_ACCOUNTS)
    rates: Mapping[str, Decimal] = field(default_factory=lambda: DEFAULT_RATES)
    fees: Mapping[str, Decimal] = field(default_factory=lambda: DEFAULT_FEES)
    price_multipliers: Mapping[str, Decimal] = field(default_factory=dict)
    venue: str = ""
    session: SessionSettings = field(default_factory=lambda: SessionSettings(client_name="Stanchion simulator"))

    def __post_init__(self) -> None:
        """Refuse what no market could run with."""
        if not 0 < self.speed <= FASTEST:
            raise ConfigurationError(f"Speed {self.speed} cannot be used; expected more than 0, at most {FASTEST}.")
        if self.latency_ms < 0:
            raise ConfigurationError(f"A latency of {self.latency_ms} ms cannot be used; expected 0 or more.")
        if self.hours not in get_args(Hours):
            raise ConfigurationError(f"Hours {self.hours!r} cannot be used; expected always or exchange.")
        for name, spec in self.accounts.items():
            if spec.currency != BASE_CURRENCY and spec.currency not in self.rates:
                raise ConfigurationError(f"Account {name} is in {spec.currency}; expected a currency with a rate.")
        if any(rate <= 0 for rate in self.rates.values()):
            raise ConfigurationError("A rate of 0 or less cannot be used; expected USD for one unit of a currency.")
