"""What is to be replayed: files, their symbols, and the market made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from heapq import merge
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.errors import ConfigurationError
from core.model.contract import product_of
from services.simulator.contracts import Contract
from services.simulator.errors import UnreadableRecording
from services.simulator.ports import Batch
from services.simulator.replay import ReplayMarket
from services.simulator.replay_contracts import Facts, listed_symbol, replayed_contract
from services.simulator.replay_csv import CsvRecording
from services.simulator.replay_parquet import ParquetRecording
from services.simulator.replay_records import Record, Recording, Terms
from services.simulator.replay_scid import ScidRecording

KINDS: Final[Mapping[str, type[CsvRecording] | type[ParquetRecording] | type[ScidRecording]]] = MappingProxyType(
    {".csv": CsvRecording, ".parquet": ParquetRecording, ".scid": ScidRecording}
)


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """What to replay.

    Attributes:
        files: recordings, or folders of them.
        symbols: the symbol of files that do not name one, if there is one of it; of files that do, only these.
        facts: of the symbols, where they are not products of ours.
        price_multiplier: what prices in the files are multiplied with.
        shown_size: displayed where a recording has no size.
        from_us: nothing before this time is replayed.

    Raises:
        ConfigurationError: a multiplier or size that is not greater than zero.
    """

    files: Sequence[Path]
    symbols: Sequence[str] = ()
    facts: Facts = field(default_factory=Facts)
    price_multiplier: Decimal = Decimal(1)
    shown_size: Decimal = Decimal(25)
    from_us: int = 0

    def __post_init__(self) -> None:
        """Refuse what no market could be made with."""
        for name, value in (("price multiplier", self.price_multiplier), ("displayed size", self.shown_size)):
            if not (value.is_finite() and value > 0):
                raise ConfigurationError(f"A {name} of {value} cannot be used; expected more than 0.")


def open_replay(settings: ReplaySettings, state: str = "") -> tuple[ReplayMarket, tuple[Contract, ...]]:
    """Return the recorded market and what is listed in it; of the files no more is read than their beginnings.

    Args:
        state: of a run to be continued.

    Raises:
        ConfigurationError: a file is missing or no recording, or a symbol is unknown and its facts were not told.
    """
    contracts: dict[str, Contract] = {}
    from_us = json.loads(state)["now_us"] + 1 if state else settings.from_us
    streams: list[Iterator[Record]] = []
    paths = _recordings(settings.files)
    for path in paths:
        recording = KINDS[path.suffix.lower()](path)
        terms = _terms(recording, settings, contracts, is_alone=len(paths) == 1)
        if terms:
            streams.append(recording.records(terms, from_us))
    records = streams[0] if len(streams) == 1 else merge(*streams, key=_time)
    listed = tuple(contracts[symbol] for symbol in sorted(contracts))
    return ReplayMarket(listed, records, settings.shown_size, state), listed


def remembered(stored: Batch) -> str:
    """Return the state of a replay from all that its broker remembers; empty when it has not begun.

    What was committed last may be later than the market's state, which is written every few seconds.
    """
    state = next((row["value"] for row in stored.get("values", ()) if row["name"] == "market"), "")
    if not state:
        return ""
    latest = [int(row["at_us"]) for row in stored.get("fills", ())]
    latest += [int(row["updated_us"]) for row in stored.get("orders", ())]
    content = json.loads(state)
    return json.dumps({**content, "now_us": max([content["now_us"], *latest])})


def _recordings(named: Sequence[Path]) -> list[Path]:
    """Return the files named, and those in the folders named.

    Raises:
        ConfigurationError: a folder holds none or cannot be read, or a file is of another kind.
    """
    found: list[Path] = []
    for path in named:
        if not path.is_dir():
            if path.suffix.lower() not in KINDS:
                raise ConfigurationError(f"{path} is no recording; expected a name ending in {', '.join(KINDS)}.")
            found.append(path)
            continue
        try:
            inside = sorted(each for each in path.iterdir() if each.suffix.lower() in KINDS)
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}.") from error
        if not inside:
            raise ConfigurationError(f"{path} holds no recordings; expected files ending in {', '.join(KINDS)}.")
        found += inside
    return found


def _terms(
    recording: Recording, settings: ReplaySettings, contracts: dict[str, Contract], is_alone: bool
) -> dict[str, Terms]:
    """Return the terms of the wanted symbols of a recording, as written there; `contracts` gets what they are."""
    written = recording.symbols()
    if not written:
        if is_alone:
            raise UnreadableRecording(f"{recording.path.name} holds no trades or quotes.")
        return {}
    year = datetime.fromtimestamp(min(written.values()) // 1_000_000, UTC).year
    wanted = [listed_symbol(name, year) for name in settings.symbols]
    terms: dict[str, Terms] = {}
    for name in [*written, *(symbol for symbol in settings.symbols if "" not in written)]:
        symbol = listed_symbol(name, year) if name else _unnamed(recording.path, wanted, year, is_alone)
        if wanted and symbol not in wanted:
            continue
        if symbol not in contracts:
            contracts[symbol] = replayed_contract(symbol, settings.facts)
        terms[name] = Terms(symbol, contracts[symbol].tick_size, settings.price_multiplier)
    return terms


def _unnamed(path: Path, wanted: Sequence[str], year: int, is_alone: bool) -> str:
    """Return the symbol of a file that names none: that of the file's name, unless the one wanted can be meant."""
    own = listed_symbol(path.stem, year)
    return wanted[0] if len(wanted) == 1 and (is_alone or product_of(own) is None) else own


def _time(record: Record) -> int:
    return record.at_us
