"""What the studies of a session said at one moment, as a position and a trade keep it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class SessionMarks:
    """The figures at one moment, as they are kept with a position or a trade; None where nobody counted then."""

    vwap: Decimal | None = None
    cum_delta: Decimal | None = None
    poc: Decimal | None = None


NO_MARKS: Final = SessionMarks()
