"""A client on a socket and the simulator behind it, for what arrives over a line in every encoding."""

from decimal import Decimal
from pathlib import Path
from random import Random

from core.clock import SystemClock
from core.state_manager import StateManager
from data.simulator_store import SqliteSimulatorStore
from services.dtc.address import ConnectionSettings
from services.dtc.client import DtcClient
from services.dtc.enums import EncodingEnum
from services.simulator.server import SimulatorServer
from services.simulator.settings import SimulatorSettings
from tests.fakes.engine_end import Inbox


class SimulatedLine:
    """The line `sim`; the client is not started yet. Prices of ES come a hundred times too large, with their factor."""

    def __init__(self, folder: Path, encoding: EncodingEnum, board: StateManager) -> None:
        self.store = SqliteSimulatorStore(folder / "simulator.sqlite3")
        settings = SimulatorSettings(folder, price_multipliers={"ES": Decimal("0.01")})
        self.server = SimulatorServer(settings, self.store)
        self.inbox = Inbox()
        address = ConnectionSettings("sim", "127.0.0.1", self.server.start(), encoding=encoding)
        self.client = DtcClient(address, "", self.inbox.post, board, SystemClock(), rng=Random(1), look_s=0.01)

    def close(self) -> None:
        """End both."""
        self.client.stop()
        self.server.stop()
        self.store.close()
