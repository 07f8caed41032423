"""Writes small recordings of the three formats, so that none needs to be kept."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

START_US = int(datetime(2025, 11, 20, 15, tzinfo=UTC).timestamp()) * 1_000_000
SECOND_US = 1_000_000
SCID_EPOCH_US = 2_209_161_600_000_000
HEADER = "time,symbol,kind,price,size,aggressor,bid,bid_size,ask,ask_size"


@dataclass(frozen=True)
class Moment:
    """A trade and the quote it was made at, `at_us` after the start."""

    at_us: int
    price: float
    size: int
    side: str
    bid: float
    ask: float


def moments(count: int, step_us: int = 100_000) -> list[Moment]:
    """Return a market that wanders up and down, four trades at every price."""
    made = []
    for i in range(count):
        bid = 6500 + 0.25 * abs((i // 4) % 40 - 20)
        buys = i % 3 != 0
        made.append(Moment(i * step_us, bid + 0.25 * buys, 1 + i % 5, "buy" if buys else "sell", bid, bid + 0.25))
    return made


def rows(made: Sequence[Moment], symbol: str = "MESZ25") -> list[str]:
    """Return a quote and a trade in CSV for each moment."""
    lines = []
    for each in made:
        at = START_US + each.at_us
        lines.append(f"{at},{symbol},quote,,,,{each.bid},25,{each.ask},25")
        lines.append(f"{at},{symbol},trade,{each.price},{each.size},{each.side},,,,")
    return lines


def write_csv(path: Path, lines: Sequence[str], header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def write_parquet(path: Path, lines: Sequence[str]) -> Path:
    """Write the same as `write_csv`, with timestamps, doubles and integers."""
    import duckdb

    source = write_csv(path.with_suffix(".source"), lines)
    number = "DOUBLE"
    kinds = {"time": "BIGINT", "symbol": "VARCHAR", "kind": "VARCHAR", "price": number, "size": "INTEGER"}
    kinds |= {"aggressor": "VARCHAR", "bid": number, "bid_size": number, "ask": number, "ask_size": "BIGINT"}
    with duckdb.connect() as connection:
        table = connection.read_csv(str(source), dtype=kinds)
        with_times = table.select("make_timestamp(time) AS time, * EXCLUDE (time)")
        with_times.write_parquet(str(path))
    source.unlink()
    return path


def scid_record(
    at_us: int,
    close: float,
    bid_volume: int = 0,
    ask_volume: int = 0,
    ask: float = 0.0,
    bid: float = 0.0,
    opened: float = 0.0,
    volume: int | None = None,
) -> bytes:
    """Return a record, `at_us` after the start."""
    total = bid_volume + ask_volume if volume is None else volume
    time = START_US + at_us + SCID_EPOCH_US
    return struct.pack("<q4f4I", time, opened, ask, bid, close, 1, total, bid_volume, ask_volume)


def scid_records(made: Sequence[Moment]) -> list[bytes]:
    return [
        scid_record(
            each.at_us,
            each.price,
            each.size if each.side == "sell" else 0,
            each.size if each.side == "buy" else 0,
            each.ask,
            each.bid,
        )
        for each in made
    ]


def write_scid(path: Path, records: Sequence[bytes], header_size: int = 56, record_size: int = 40) -> Path:
    header = struct.pack("<4sIIHHI", b"SCID", header_size, record_size, 1, 0, 0)
    padded = (record.ljust(record_size, b"\0") for record in records)
    path.write_bytes(header.ljust(header_size, b"\0") + b"".join(padded))
    return path
