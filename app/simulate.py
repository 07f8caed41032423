"""`stanchion simulate`: the broker for practice, as a child of the terminal or by itself."""

import sys
import tomllib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from app.config import OneLineParser, default_data_dir
from core.errors import ConfigurationError


def simulate(arguments: Sequence[str]) -> int:
    """Run the simulator until it is told to end; returns the exit code.

    Raises:
        ConfigurationError: an option cannot be used, or the port is taken.
    """
    parsed = _parser().parse_args(arguments)
    folder: Path = (parsed.data_dir or default_data_dir() / "simulator").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    from app.log import LogFile
    from data.simulator_store import SqliteSimulatorStore
    from services.simulator.accounts import DEFAULT_FEES
    from services.simulator.run import serve
    from services.simulator.settings import SimulatorSettings

    settings = SimulatorSettings(
        data_dir=folder,
        port=parsed.port,
        history_port=parsed.history_port,
        seed=parsed.seed,
        speed=parsed.speed,
        latency_ms=parsed.latency_ms,
        keep_running=not parsed.child,
        ends_with_stdin=parsed.child,
        control_file=not parsed.child,
        fees=_fees(parsed.fees) if parsed.fees else DEFAULT_FEES,
    )
    log = LogFile(folder / "logs")
    log.start()
    try:
        return serve(settings, SqliteSimulatorStore(folder / "simulator.sqlite3"), sys.stdin, sys.stdout)
    except BrokenPipeError:
        return 0  # whoever started us is gone before we were ready
    finally:
        log.stop()


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="stanchion simulate", description="A DTC server with a simulated market.")
    parser.add_argument("--port", type=int, default=11099, help="port to listen on, 0 for any (this machine only)")
    parser.add_argument("--history-port", type=int, default=11098, help="reserved; nothing listens there yet")
    parser.add_argument("--seed", type=int, default=1, help="seed of the market, when the folder holds none yet")
    parser.add_argument("--speed", type=float, default=1.0, help="market seconds per second")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where its orders and positions are kept")
    parser.add_argument("--latency-ms", type=int, default=0, help="from a request to its effect")
    parser.add_argument("--fees", type=Path, metavar="FILE", help="TOML: commission per side by root, ES = 2.25")
    parser.add_argument("--child", action="store_true", help="end with standard input; the clock waits for a client")
    return parser


def _fees(path: Path) -> dict[str, Decimal]:
    try:
        with path.open("rb") as file:
            return {root: Decimal(str(rate)) for root, rate in tomllib.load(file, parse_float=Decimal).items()}
    except (OSError, tomllib.TOMLDecodeError, InvalidOperation) as error:
        raise ConfigurationError(f"--fees {path}: {error}; expected lines such as ES = 2.25.") from error
