"""The border between numbers of the wire and values we reckon with; what makes no sense is refused here.

The codec has already turned NaN, infinity and the protocol's unset markers into None.
"""

from collections import Counter
from decimal import Decimal

import structlog

from services.dtc.messages.base import Message
from services.dtc.price_scale import exact, tidy
from services.dtc.refusal import ABSURD, Refused

LOGGED_PER_KIND = 20

_log = structlog.get_logger("network")


class Refusals:
    """Counts what was refused or not understood, and logs the first of each kind (network thread).

    Attributes:
        counts: how often, by message name and reason.
    """

    def __init__(self, connection: str) -> None:
        self.counts: Counter[str] = Counter()
        self._connection = connection

    def note(self, message: Message, reason: str) -> None:
        """Count one; the log gets the kind and the reason, never the message."""
        kind = f"{type(message).__name__}: {reason}"
        self.counts[kind] += 1
        if self.counts[kind] <= LOGGED_PER_KIND:
            _log.warning("message refused", connection=self._connection, message=type(message).__name__, reason=reason)


def required(text: str, what: str) -> str:
    """Return a name that must be there.

    Raises:
        Refused: it is empty.
    """
    if not text:
        raise Refused(f"{what} is missing")
    return text


def quantity(value: float | None, what: str) -> Decimal | None:
    """Return a signed quantity; None when it was not said.

    Raises:
        Refused: it is absurdly large.
    """
    if value is None:
        return None
    if abs(value) > ABSURD:
        raise Refused(f"{what} is absurd")
    return tidy(value)


def total(value: float | None, what: str) -> Decimal | None:
    """Return a quantity that cannot be negative; None when it was not said.

    Raises:
        Refused: it is negative or absurdly large.
    """
    taken = quantity(value, what)
    if taken is not None and taken < 0:
        raise Refused(f"{what} is negative")
    return taken


def traded(value: float | None, what: str) -> Decimal:
    """Return a quantity that was traded: there, and more than nothing.

    Raises:
        Refused: it is missing, zero, negative or absurdly large.
    """
    taken = total(value, what)
    if not taken:
        raise Refused(f"{what} is missing or zero")
    return taken


def money(value: float | None) -> Decimal | None:
    """Return an amount, exact, never snapped to anything; None when it was not said or is absurd."""
    return None if value is None or abs(value) > ABSURD else exact(value)
