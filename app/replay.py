"""The part of `stanchion simulate` that replays a recorded market: its options and its folder.

A replay has a clock of its own, so its orders and positions never meet those of the ordinary simulator: every
recording gets a folder, and a folder remembers what it replays. A replay that is started again goes on where it
stood, with the same orders and positions; `--again` puts them away and begins anew.
"""

import hashlib
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from core.errors import ConfigurationError

if TYPE_CHECKING:
    from services.simulator.contracts import Contract
    from services.simulator.ports import Batch
    from services.simulator.replay import ReplayMarket

MARKER = "replay.json"
STORE_NAME = "simulator.sqlite3"
_EARLIER = "earlier"
_ONLY_IN_A_REPLAY = (
    ("--symbol", "symbol"),
    ("--from", "begin"),
    ("--again", "again"),
    ("--tick-size", "tick_size"),
    ("--tick-value", "tick_value"),
    ("--currency", "currency"),
)


def add_options(parser: ArgumentParser) -> None:
    """Add the options of a replay."""
    group = parser.add_argument_group("replay of a recorded market")
    add = group.add_argument
    add("--replay", action="append", type=Path, metavar="FILE", help=".csv, .parquet, .scid or a folder; may repeat")
    add("--symbol", action="append", default=[], metavar="NAME", help="symbol of the file, or only these of it")
    add("--from", dest="begin", metavar="TIME", help="begin at this time (ISO 8601, UTC)")
    add("--again", action="store_true", help="begin anew; orders and positions of the run before are put away")
    add("--tick-size", type=number, metavar="SIZE", help="of the symbols, where they are not known")
    add("--tick-value", type=number, metavar="MONEY", help="of one tick of one contract")
    add("--currency", metavar="CODE", help="of the tick value, such as EUR")
    add("--price-multiplier", type=number, default=Decimal(1), metavar="X", help="true price = price in file × X")
    add("--shown-size", type=number, default=Decimal(25), metavar="N", help="size of a quote recorded without one")


def replay_identity(parsed: Namespace) -> dict[str, Any] | None:
    """Return what makes a replay the one it is: another of it needs another folder. None when nothing is replayed.

    Raises:
        ConfigurationError: a recording is not there, or an option of a replay is given without one.
    """
    if not parsed.replay:
        alone = [option for option, name in _ONLY_IN_A_REPLAY if getattr(parsed, name)]
        if alone:
            raise ConfigurationError(f"{alone[0]} is for a replay; name the recording with --replay FILE.")
        return None
    for path in parsed.replay:
        if not path.expanduser().exists():
            raise ConfigurationError(f"--replay {path}: there is no such file or folder.")
    return {
        "files": [str(path.expanduser().resolve()) for path in parsed.replay],
        "symbols": parsed.symbol,
        "tick_size": None if parsed.tick_size is None else str(parsed.tick_size),
        "tick_value": None if parsed.tick_value is None else str(parsed.tick_value),
        "currency": parsed.currency,
        "price_multiplier": str(parsed.price_multiplier),
    }


def replay_folder(identity: dict[str, Any], under: Path) -> Path:
    """Return the folder of a replay for which none was named."""
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return under / "replays" / f"{Path(identity['files'][0]).stem}-{digest[:8]}"


def claim(folder: Path, identity: dict[str, Any] | None, again: bool = False) -> None:
    """Make sure that a folder is of this replay, or of no replay at all without an identity.

    Raises:
        ConfigurationError: it belongs to something else, or another simulator works in it.
    """
    marker, store = folder / MARKER, folder / STORE_NAME
    if identity is None:
        if marker.exists():
            raise ConfigurationError(f"{folder} keeps a replay; choose another --data-dir.")
        return
    mark = json.dumps(identity, indent=1)
    if marker.exists() and marker.read_text(encoding="utf-8", errors="replace") != mark:
        raise ConfigurationError(f"{folder} keeps another replay (see {MARKER} in it); choose another --data-dir.")
    if store.exists() and not marker.exists():
        raise ConfigurationError(f"{folder} keeps an ordinary simulator; choose another --data-dir.")
    if again:
        _put_away(folder)
    marker.write_text(mark, encoding="utf-8")


def _put_away(folder: Path) -> None:
    """Move what a run before left into a folder of its own."""
    from services.simulator.run import LOCK_FILE

    try:
        with FileLock(folder / LOCK_FILE, timeout=0):
            left = sorted(folder.glob(f"{STORE_NAME}*"))
            if not left:
                return
            runs = 1
            while (place := folder / _EARLIER / str(runs)).exists():
                runs += 1
            place.mkdir(parents=True)
            for path in left:
                path.rename(place / path.name)
    except Timeout:
        raise ConfigurationError(f"Another simulator works in {folder}; end it first.") from None


def open_replay(parsed: Namespace, load: "Callable[[], Batch]") -> "tuple[ReplayMarket, Sequence[Contract]]":
    """Return the market to replay and what is listed in it.

    Args:
        load: returns everything the broker remembers.

    Raises:
        ConfigurationError: the recording or an option cannot be used.
    """
    from services.simulator import replay_files
    from services.simulator.replay_contracts import Facts
    from services.simulator.replay_rows import time_us

    state = replay_files.remembered(load())
    if state and parsed.begin:
        raise ConfigurationError("This replay has begun already; --from needs --again.")
    try:
        begin_us = time_us(parsed.begin) if parsed.begin else 0
    except ValueError:
        raise ConfigurationError(f"--from {parsed.begin}: expected a time such as 2025-11-20T14:30.") from None
    settings = replay_files.ReplaySettings(
        files=[path.expanduser().resolve() for path in parsed.replay],
        symbols=parsed.symbol,
        facts=Facts(parsed.tick_size, parsed.tick_value, parsed.currency),
        price_multiplier=parsed.price_multiplier,
        shown_size=parsed.shown_size,
        from_us=begin_us,
    )
    return replay_files.open_replay(settings, state)


def begins(now_us: int, symbols: Sequence[str], speed: float, folder: Path) -> str:
    """Return the line that tells what is being replayed, and where it is kept."""
    moment = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    return (
        f"stanchion: replaying {', '.join(symbols)} from {moment:%Y-%m-%d %H:%M:%S} UTC at ×{speed:g} while somebody "
        f"is connected; kept in {folder}\n"
    )


def number(text: str) -> Decimal:
    """Return a number of the command line; a refusal names this function.

    Raises:
        ValueError: it is none.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
