"""What every generated message class is made of: the base class and the place of a field on the wire.

A class is generated rather than built from a table at run time so that the type checker sees every field a
handler touches, and so that a protocol update shows up as a readable diff. Its annotations carry the wire
layout too (`At`), hence there is one description of a message, not two.

Three rules hold for all of them:

* Attribute names are the wire's names, so a log, the documentation and the code use one word.
* A floating point field is `float | None`. None means "not said": absent in JSON, beyond the end of a short
  struct, or one of the unset markers (DBL_MAX, FLT_MAX), NaN or infinity. Binary cannot tell unset from 0
  where the protocol's default is 0 (quantity and average price in 306, all amounts in 600): there a 0.0 may
  mean either. Encoding turns None into the protocol's default in binary and leaves the field out in JSON.
* An enumerated field is a plain int, so that a value from a later protocol survives; the classes in
  `services.dtc.enums` are for comparing.
"""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import msgspec

DBL_MAX = 1.7976931348623157e308
FLT_MAX = 3.4028234663852886e38
UINT_MAX = 4294967295


class TimeUnit(Enum):
    """Unit of a date-time on the wire, counted from 1970-01-01 UTC; only FLOAT_SECONDS is not an integer."""

    SECONDS = "s"
    FLOAT_SECONDS = "fs"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"


SECONDS = TimeUnit.SECONDS
FLOAT_SECONDS = TimeUnit.FLOAT_SECONDS
MILLISECONDS = TimeUnit.MILLISECONDS
MICROSECONDS = TimeUnit.MICROSECONDS


@dataclass(frozen=True, slots=True)
class At:
    """Where a field lives in the fixed-length binary struct.

    Attributes:
        offset: bytes from the start of the message (Size is at 0, Type at 2); -1 in a message without such a layout.
        code: format character of the `struct` module; text is "32s" and the like, its last byte a zero.
        unset: what stands for None in binary; None itself where the attribute is never None.
        time: unit of a date-time, None for other numbers. A peer's may differ: see `wire_time.py`.
        prose: text for people, cut to its place when too long; other text is an identifier, never cut.
    """

    offset: int
    code: str
    unset: float | None = None
    time: TimeUnit | None = None
    prose: bool = False


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="Type", tag=0):
    """Base of all messages: immutable, equal by value, built by keyword.

    Attributes:
        TYPE: the message number.
        SIZE: bytes of the full fixed-length struct.
        MASKED: fields that are never shown by `repr`.
    """

    TYPE: ClassVar[int] = 0
    SIZE: ClassVar[int] = 4
    MASKED: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        """Show what differs from the defaults, secrets masked; for logs, not for parsing."""
        shown = []
        blank = type(self)()
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value != getattr(blank, name):
                shown.append(f"{name}=***" if name in self.MASKED else f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"
