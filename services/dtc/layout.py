"""The layout of one message class, read once from its annotations and shared by both encodings."""

from functools import cache
from math import isfinite
from typing import get_args

import msgspec

from services.dtc import text
from services.dtc.errors import LocalProtocolError
from services.dtc.messages.base import At, Message

Value = int | float | str | None


class Place:
    """One field of a message: where it lies and what may stand in it.

    Attributes:
        limit: a number at or beyond it means unset; None for text and for numbers that are always set.
        room: bytes of text that fit, the terminating zero not counted; 0 for numbers.
    """

    __slots__ = ("at", "end", "is_float", "is_text", "limit", "name", "room", "size")

    def __init__(self, name: str, at: At) -> None:
        self.name = name
        self.at = at
        self.is_text = at.code.endswith("s")
        self.is_float = at.code in "df"
        self.size = int(at.code[:-1]) if self.is_text else SIZES[at.code]
        self.end = at.offset + self.size
        self.room = self.size - 1 if self.is_text else 0
        self.limit = LIMITS.get(at.code, at.unset) if at.unset is not None else None


SIZES = {"B": 1, "b": 1, "H": 2, "h": 2, "I": 4, "i": 4, "f": 4, "Q": 8, "q": 8, "d": 8}
LIMITS = {"d": 1.7e308, "f": 3.4e38}


class Layout:
    """All fields of one message class, in wire order."""

    def __init__(self, message: type[Message]) -> None:
        self.message = message
        self.places = tuple(_place(message, name) for name in message.__struct_fields__)
        self.names = message.__struct_fields__
        self.by_name = dict(zip(self.names, self.places, strict=True))
        self.limits = tuple((p.name, p.limit) for p in self.places if p.limit is not None)

    def values(self, message: Message) -> list[Value]:
        """Return the field values as they may go on the wire, in wire order.

        Raises:
            LocalProtocolError: a number is not finite or of the wrong kind, or an identifier does not fit.
        """
        values = msgspec.structs.astuple(message)
        return [_checked(self.message, place, value) for place, value in zip(self.places, values, strict=True)]


@cache
def layout_of(message: type[Message]) -> Layout:
    """Return the layout of a message class."""
    return Layout(message)


def without_markers(layout: Layout, message: Message) -> Message:
    """Return the message with every number that means "unset" replaced by None."""
    unset: dict[str, None] = {}
    for name, limit in layout.limits:
        value = getattr(message, name)
        if value is not None and not -limit < value < limit:
            unset[name] = None
    return msgspec.structs.replace(message, **unset) if unset else message


def _place(message: type[Message], name: str) -> Place:
    for base in message.__mro__:
        if name in base.__annotations__:
            return Place(name, get_args(base.__annotations__[name])[1])
    raise LocalProtocolError(f"{message.__name__}.{name} has no place on the wire")


def _checked(message: type[Message], place: Place, value: Value) -> Value:
    if place.is_text:
        if not isinstance(value, str):
            raise _unfit(message, place, "text", value)
        if len(value) <= place.room and value.isascii() and "\0" not in value:
            return value
        return _fitted(message, place, value)
    if value is None and place.at.unset is not None:
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) or (place.is_float and isinstance(value, float) and isfinite(value)):
        return value
    raise _unfit(message, place, "a finite number" if place.is_float else "a whole number", value)


def _fitted(message: type[Message], place: Place, value: str) -> str:
    """Cut prose to its place; refuse an identifier that would not arrive as it is."""
    if place.at.prose:
        return text.decode_field(text.encode(value, "replace")[: place.room])
    if "\0" in value or len(value) > place.room:
        raise LocalProtocolError(
            f"{message.__name__}.{place.name} holds {place.room} characters without zeros, not {len(value)}"
        )
    try:
        text.encode(value)
    except UnicodeEncodeError:
        raise LocalProtocolError(f"{message.__name__}.{place.name} has a character outside Windows-1252") from None
    return value


def _unfit(message: type[Message], place: Place, wanted: str, value: Value) -> LocalProtocolError:
    return LocalProtocolError(f"{message.__name__}.{place.name} must be {wanted}, not {type(value).__name__}")
