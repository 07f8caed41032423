"""The numbers of the sessions as text, so that a day's high is still the day's high after a restart. Pure.

Book and trading status are the market's to tell and are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.simulator.orders import Side
from services.simulator.ports import Traded
from services.simulator.tape import SymbolTape


def saved(tapes: Mapping[str, SymbolTape]) -> str:
    """Return the sessions of all symbols as text."""
    return json.dumps({symbol: _row(tape) for symbol, tape in tapes.items()}, separators=(",", ":"))


def sessions(text: str) -> dict[str, dict[str, Any]]:
    """Return what was saved, by symbol; empty for the empty text."""
    rows: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return rows


def restored(fresh: SymbolTape, row: Mapping[str, Any] | None) -> SymbolTape:
    """Return a symbol's session as it was saved; the fresh one when nothing was, or only later than now."""
    if row is None or row["at_us"] > fresh.book.at_us:
        return fresh
    last, ended = row["last"], row["ended"]
    return replace(
        fresh,
        day=date.fromisoformat(row["day"]),
        ends_us=row["ends_us"],
        settlement=Decimal(row["settlement"]),
        settled_us=row["settled_us"],
        opened=_number(row["opened"]),
        high=_number(row["high"]),
        low=_number(row["low"]),
        volume=Decimal(row["volume"]),
        trades=row["trades"],
        open_interest=row["open_interest"],
        last=last and Traded(fresh.book.symbol, last[0], Decimal(last[1]), Decimal(last[2]), Side(last[3])),
        ended=ended and (date.fromisoformat(ended[0]), Decimal(ended[1])),
    )


def _row(tape: SymbolTape) -> dict[str, Any]:
    last, ended = tape.last, tape.ended
    return {
        "at_us": tape.book.at_us,
        "day": tape.day.isoformat(),
        "ends_us": tape.ends_us,
        "settlement": str(tape.settlement),
        "settled_us": tape.settled_us,
        "opened": _text(tape.opened),
        "high": _text(tape.high),
        "low": _text(tape.low),
        "volume": str(tape.volume),
        "trades": tape.trades,
        "open_interest": tape.open_interest,
        "last": last and [last.at_us, str(last.price), str(last.size), last.aggressor.value],
        "ended": ended and [ended[0].isoformat(), str(ended[1])],
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)
