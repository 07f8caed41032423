"""`stanchion simulate`: the broker for practice, as a child of the terminal or by itself."""

import sys
import tomllib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from app import replay
from app.config import OneLineParser, default_data_dir
from core.errors import ConfigurationError


def simulate(arguments: Sequence[str]) -> int:
    """Run the simulator until it is told to end; returns the exit code.

    Raises:
        ConfigurationError: an option cannot be used, or the port is taken.
    """
    parsed = _parser().parse_args(arguments)
    identity = replay.replay_identity(parsed)
    folder = _folder(parsed.data_dir, identity)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replay.claim(folder, identity, parsed.again)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be used as data folder: {error.strerror or error}.") from error
    from app.log import LogFile
    from data.simulator_store import SqliteSimulatorStore
    from services.simulator.accounts import DEFAULT_FEES
    from services.simulator.run import serve
    from services.simulator.settings import SimulatorSettings

    settings = SimulatorSettings(
        data_dir=folder,
        port=parsed.port,
        history_port=parsed.history_port if parsed.history_port is not None else max(parsed.port - 1, 0),
        seed=parsed.seed,
        speed=parsed.speed,
        latency_ms=parsed.latency_ms,
        keep_running=not parsed.child and identity is None,
        ends_with_stdin=parsed.child,
        control_file=True,
        hours=parsed.hours,
        faults=tuple(parsed.fault),
        fees=_fees(parsed.fees) if parsed.fees else DEFAULT_FEES,
    )
    log = LogFile(folder / "logs")
    log.start()
    store = SqliteSimulatorStore(folder / replay.STORE_NAME)
    try:
        market, listed = replay.open_replay(parsed, store.load) if identity else (None, ())
        if market is not None:
            symbols = [contract.symbol for contract in listed]
            sys.stderr.write(replay.begins(market.now_us, symbols, parsed.speed, folder))
        return serve(settings, store, sys.stdin, sys.stdout, market, listed)
    except BrokenPipeError:
        return 0  # whoever started us is gone before we were ready
    finally:
        store.close()
        log.stop()


def _folder(named: Path | None, identity: dict[str, Any] | None) -> Path:
    """Return where orders and positions are kept."""
    own = default_data_dir()
    chosen = named or (own / "simulator" if identity is None else replay.replay_folder(identity, own))
    return chosen.expanduser().resolve()


def _parser() -> OneLineParser:
    from services.simulator.fault_switches import planned_fault, summary

    parser = OneLineParser(
        prog="stanchion simulate",
        description="A DTC server with a simulated market.",
        epilog=f"Faults, each also with after=SECONDS: {summary()}. Examples are in docs/simulator.md.",
    )
    parser.add_argument("--port", type=int, default=11099, help="port to listen on, 0 for any (this machine only)")
    parser.add_argument(
        "--history-port", type=int, help="port of historical prices, 0 for any (default: the port below, 11098)"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the market, when the folder holds none yet")
    parser.add_argument("--speed", type=float, default=1.0, help="market seconds per second")
    parser.add_argument(
        "--hours",
        choices=("always", "exchange"),
        default="always",
        help="always: trading never rests; exchange: it opens, closes and halts as the products do",
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where its orders and positions are kept")
    parser.add_argument("--latency-ms", type=int, default=0, help="from a request to its effect")
    parser.add_argument("--fees", type=Path, metavar="FILE", help="TOML: commission per side by root, ES = 2.25")
    parser.add_argument(
        "--fault",
        type=planned_fault,
        action="append",
        default=[],
        metavar="NAME[:KEY=VALUE,…]",
        help="go wrong in this way, from the start or after=SECONDS of the wall clock (see below); may repeat",
    )
    parser.add_argument("--child", action="store_true", help="end with standard input; the clock waits for a client")
    replay.add_options(parser)
    return parser


def _fees(path: Path) -> dict[str, Decimal]:
    try:
        with path.open("rb") as file:
            return {root: Decimal(str(rate)) for root, rate in tomllib.load(file, parse_float=Decimal).items()}
    except (OSError, tomllib.TOMLDecodeError, InvalidOperation) as error:
        raise ConfigurationError(f"--fees {path}: {error}; expected lines such as ES = 2.25.") from error
