"""A table as it leaves the program: columns that say what their values are, and the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

Value = str | int | None


class Kind(Enum):
    """What the values of a column are.

    TEXT may hold anybody's words; WRITTEN is text this program made of figures and times; NUMBER is an exact decimal in
    its canonical text; WHOLE an integer; TIME a stored time in UTC.
    """

    TEXT = "text"
    WRITTEN = "written"
    NUMBER = "number"
    WHOLE = "whole"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an exported file."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows for another program, a value for each column."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Paper:
    """Rows to be read by somebody, as texts.

    Attributes:
        about: lines under the title: what was filtered by, when it was made.
        numbers: which columns are aligned right. widths: how wide the columns stand to one another.
    """

    title: str
    about: tuple[str, ...]
    titles: tuple[str, ...]
    numbers: tuple[bool, ...]
    widths: tuple[int, ...]
    rows: Sequence[Sequence[str]]
