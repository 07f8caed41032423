"""What the program knows about the simulator it starts itself: its costs and the symbol to begin with."""

from dataclasses import replace
from datetime import date

from app.config import StoredSettings
from core.model.commission import CommissionSchedule
from services.simulator.accounts import DEFAULT_FEES
from services.simulator.contracts import listed_contracts


def simulated_schedule(connections: frozenset[str]) -> CommissionSchedule:
    """Return the commissions the simulator publishes, for our simulators only."""
    return CommissionSchedule(defaults=dict.fromkeys(connections, DEFAULT_FEES))


def offered_symbols(connections: frozenset[str], day: date) -> dict[str, tuple[str, ...]]:
    """Return what our simulators list, so that the trader can choose instead of guess."""
    return {connection: tuple(contract.symbol for contract in listed_contracts(day)) for connection in connections}


def starting_symbol(stored: StoredSettings, connections: frozenset[str], day: date) -> StoredSettings:
    """Return the settings with a listed symbol for each simulator: the one shown last, else the first listed."""
    listed = [contract.symbol for contract in listed_contracts(day)]
    symbols = dict(stored.last_symbols)
    for connection in connections:
        if symbols.get(connection) not in listed:
            symbols[connection] = listed[0]
    return replace(stored, last_symbols=symbols)
