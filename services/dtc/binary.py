"""Encoding 0: a little-endian struct of fixed length behind Size and Type.

Reading follows one rule: a field is present if it ends within Size, otherwise it keeps its default. So a
shorter struct of an older peer and a longer one of a newer peer are both read. Padding is skipped, whatever
it holds.
"""

from collections.abc import Callable
from functools import cache
from struct import Struct, error
from typing import Any

from services.dtc.errors import LocalProtocolError
from services.dtc.layout import Layout, Place, layout_of
from services.dtc.messages.base import Message
from services.dtc.text import decode_field, encode

HEADER = Struct("<HH")
MAX_SIZE = 0xFFFF

# The 208-byte form of 306 (2021) held QuantityLimit where OpenProfitLoss is now: read as if it ended before.
_READ_AS = {(306, 208): 200}


class Reader:
    """Reads the first `count` fields of one message class."""

    __slots__ = ("_limits", "_make", "_names", "_texts", "_unpack_from")

    def __init__(self, layout: Layout, count: int) -> None:
        places = layout.places[:count]
        self._make: Callable[..., Message] = layout.message
        self._names = layout.names[:count]
        self._unpack_from = Struct(_format(places, end=0)).unpack_from
        self._texts = tuple(i for i, place in enumerate(places) if place.is_text)
        self._limits = tuple((i, place.limit) for i, place in enumerate(places) if place.limit is not None)

    def read(self, data: bytes | bytearray, start: int) -> Message:
        """Return the message whose header begins at `start`."""
        values: list[Any] = list(self._unpack_from(data, start))
        for i in self._texts:
            raw = values[i]
            values[i] = decode_field(raw) if raw[0] else ""
        for i, limit in self._limits:
            if not -limit < values[i] < limit:  # written so that NaN is caught too
                values[i] = None
        return self._make(**dict(zip(self._names, values, strict=True)))


class Readers:
    """All readers of one message class: the full one, and one for each shorter form that was met."""

    __slots__ = ("_full", "_full_end", "_layout", "_short")

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._full_end = layout.places[-1].end if layout.places else HEADER.size
        self._full = Reader(layout, len(layout.places))
        self._short: dict[int, Reader] = {}

    def read(self, data: bytes | bytearray, start: int, size: int) -> Message:
        """Return the message of `size` bytes that begins at `start`."""
        size = _READ_AS.get((self._layout.message.TYPE, size), size)
        if size >= self._full_end:
            return self._full.read(data, start)
        count = sum(place.end <= size for place in self._layout.places)
        reader = self._short.get(count)
        if reader is None:  # at most one per field, whatever the peer sends
            reader = self._short[count] = Reader(self._layout, count)
        return reader.read(data, start)


@cache
def readers_of(message: type[Message]) -> Readers:
    """Return the readers of a message class."""
    return Readers(layout_of(message))


def pack(message: Message) -> bytes:
    """Return the whole frame of a message.

    Raises:
        LocalProtocolError: a value does not fit its place.
    """
    cls = type(message)
    layout = layout_of(cls)
    wire = [
        encode(value) if isinstance(value, str) else place.at.unset if value is None else value
        for place, value in zip(layout.places, layout.values(message), strict=True)
    ]
    try:
        return _writer(cls).pack(cls.SIZE, cls.TYPE, *wire)
    except (error, OverflowError) as why:
        raise LocalProtocolError(f"{cls.__name__} does not fit its binary layout: {why}") from None


@cache
def _writer(message: type[Message]) -> Struct:
    layout = layout_of(message)
    return Struct("<HH" + _format(layout.places, end=message.SIZE).removeprefix("<4x"))


def _format(places: tuple[Place, ...], end: int) -> str:
    """Return the `struct` format of the places with all padding spelled out, filled up to `end`."""
    parts, position = ["<4x"], HEADER.size
    for place in places:
        parts.append(f"{place.at.offset - position}x{place.at.code}")
        position = place.end
    return "".join(parts) + f"{max(end - position, 0)}x"
