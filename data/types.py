"""How exact values lie in SQLite: as text a person can read, in one form per value.

A NUMERIC column is a float in SQLite and loses digits; a bare datetime column fails in a STRICT table. So decimals
and times are TEXT, canonical both ways: equal values have equal texts, and a text that is not canonical was not
written by us. Comparing such texts for equality in SQL is sound; adding, ordering or aggregating them is not.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from core.errors import DatabaseDamaged

# Far beyond any price, quantity or sum of ours (28 significant digits), and short enough to read.
MAX_DECIMAL_CHARACTERS = 100
# 2026-11-20T14:30:00.000000, without the zone.
_UTC_CHARACTERS = 26


def decimal_text(value: Decimal) -> str:
    """Return the one text of a value: no exponent, no trailing zeros, no minus at zero.

    Raises:
        TypeError: not a Decimal (a float has already lost what we promise to keep).
        ValueError: NaN, infinity, or too long to be a figure of ours.
    """
    if not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is {type(value).__name__}, expected Decimal")
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that can be stored")
    if value.is_zero():
        return "0"
    # Asked before it is written out: 1e999999 is short as a Decimal, and a megabyte as text.
    if abs(value.adjusted()) > MAX_DECIMAL_CHARACTERS - 3:
        raise ValueError(f"{value} has too many digits to be a price, quantity or sum")
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text) > MAX_DECIMAL_CHARACTERS - 3:
        raise ValueError(f"{value} has too many digits to be a price, quantity or sum")
    return text


def utc_text(value: datetime) -> str:
    """Return a time as fixed-width UTC text with microseconds, so that its order as text is its order in time.

    Raises:
        TypeError: not a datetime.
        ValueError: it has no zone.
    """
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is {type(value).__name__}, expected an aware datetime")
    if value.tzinfo is UTC:
        return f"{value.isoformat(timespec='microseconds')[:_UTC_CHARACTERS]}Z"
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError(f"{value.isoformat()} has no zone, expected aware UTC")
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def nullable_decimal_text(value: Decimal | None) -> str | None:
    """Return the text of a value, or nothing for none: see `decimal_text`."""
    return None if value is None else decimal_text(value)


def nullable_utc_text(value: datetime | None) -> str | None:
    """Return the text of a time, or nothing for none: see `utc_text`."""
    return None if value is None else utc_text(value)


class DecimalText(TypeDecorator[Decimal]):
    """A Decimal as canonical text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write: see `decimal_text`."""
        return nullable_decimal_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Read.

        Raises:
            DatabaseDamaged: the text is no number.
        """
        if value is None:
            return None
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError) as error:
            raise DatabaseDamaged(f"the database holds {value!r} where a number belongs") from error


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime as UTC text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write: see `utc_text`."""
        return nullable_utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read.

        Raises:
            DatabaseDamaged: the text is no time.
        """
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value)
        except (ValueError, TypeError) as error:
            raise DatabaseDamaged(f"the database holds {value!r} where a time belongs") from error
