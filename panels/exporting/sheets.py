"""A table as a sheet for another program, or as a report for a reader: pure.

The figures are those on screen, rounded as there, with an ASCII minus, a dot, and no grouping. A price stands twice, as
it is and as its product is quoted; so does a time, in UTC and in the zone on show. Unknown is an empty cell.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from core.sheet import Column as SheetColumn
from core.sheet import Kind, Paper, Sheet, Value
from panels import formatting as f
from panels.display_zone import DisplayZone
from panels.widgets.rows import Column, Figure

Make = Callable[[Any], Value]
_CENTS = Decimal("0.01")
_ASCII = str.maketrans({f.MINUS: "-", f.THIN_SPACE: None, f.UP_ARROW: None, f.DOWN_ARROW: None})


def sheet_of(columns: Sequence[Column[Any]], rows: Sequence[Any], zone: tzinfo | None) -> Sheet:
    """Return rows as values for another program.

    Args:
        zone: of the times beside those in UTC; None is this machine's.
    """
    plan = [part for column in columns if not column.action for part in _parts(column, zone)]
    return Sheet(tuple(column for column, _ in plan), tuple(tuple(make(row) for _, make in plan) for row in rows))


def paper_of(title: str, about: Sequence[str], columns: Sequence[Column[Any]], rows: Sequence[Any]) -> Paper:
    """Return rows as the texts on screen, for a printed page."""
    shown = [column for column in columns if not column.action]
    return Paper(
        title,
        tuple(about),
        tuple(column.title for column in shown),
        tuple(column.number for column in shown),
        tuple(column.width for column in shown),
        tuple(tuple(column.text(row).translate(_ASCII).strip() for column in shown) for row in rows),
    )


def plain(value: Decimal) -> str:
    """Write a number as other programs read it: digits, a dot, an ASCII minus, no exponent."""
    text = f"{value:f}"
    return text.lstrip("-") if not value else text


def _parts(column: Column[Any], zone: tzinfo | None) -> Iterator[tuple[SheetColumn, Make]]:
    """Yield what one column of the screen becomes."""
    if column.figure is Figure.MOMENT:
        yield SheetColumn(f"{column.title} UTC", Kind.TIME), lambda row: _moment(column, row, UTC)
        yield SheetColumn(f"{column.title} {_zone_name(zone)}", Kind.WRITTEN), lambda row: _moment(column, row, zone)
    elif column.figure is Figure.WORDS:
        kind = Kind.WRITTEN if column.number else Kind.TEXT
        yield SheetColumn(column.title, kind), lambda row: _words(column.text(row), column.number)
    else:
        yield SheetColumn(column.title, Kind.NUMBER), lambda row: _number(column, row)
        if column.figure is Figure.PRICE:
            yield SheetColumn(f"{column.title} text", Kind.WRITTEN), lambda row: _words(column.text(row), True)


def _number(column: Column[Any], row: Any) -> Value:
    value = None if column.value is None else column.value(row)
    if not isinstance(value, Decimal):
        return None if value is None else str(value)
    is_rounded = column.figure in (Figure.MONEY, Figure.R)
    return plain(value.quantize(_CENTS, ROUND_HALF_EVEN) if is_rounded else value)


def _moment(column: Column[Any], row: Any, zone: tzinfo | None) -> Value:
    value = None if column.value is None else column.value(row)
    return value.astimezone(zone).isoformat(timespec="microseconds") if isinstance(value, datetime) else None


def _words(text: str, is_figure: bool) -> Value:
    if text == f.UNKNOWN:
        return None
    return text.translate(_ASCII).strip() if is_figure else text


def _zone_name(zone: tzinfo | None) -> str:
    own = zone.zone if isinstance(zone, DisplayZone) else zone
    return "local" if own in (None, UTC) else str(own)
