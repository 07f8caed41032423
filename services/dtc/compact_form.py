"""The short form of a message in compact JSON: {"Type": 107, "F": [7, 2, 6510.25, 3.0, 1790000000.125]}.

The values stand in wire order, without names. Null means unset; where the protocol's unset value is 0, the 0 is
written, as in binary. A longer list is of a later age, a shorter one of an earlier; what we have a field for is read.
"""

from functools import cache
from typing import get_args

import msgspec

from services.dtc.layout import layout_of, without_markers
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import BY_TYPE


class _Frame(msgspec.Struct):
    Type: int
    F: msgspec.Raw


_FRAME = msgspec.json.Decoder(_Frame)


def pack(message: Message) -> bytes:
    """Return the object of a message, without the zero byte behind it.

    Raises:
        LocalProtocolError: a value does not fit its place.
    """
    cls = type(message)
    blanks = _blanks(cls)
    values = zip(layout_of(cls).values(message), blanks, strict=True)
    return msgspec.json.encode({"Type": cls.TYPE, "F": [blank if value is None else value for value, blank in values]})


def read(frame: bytes) -> Message | None:
    """Return the message of an object in which everything is as it should be; None for a second, patient look."""
    try:
        outer = _FRAME.decode(frame)
        cls = BY_TYPE.get(outer.Type)
        if cls is None:
            return None
        row = _row(cls).decode(outer.F)
    except (msgspec.MsgspecError, RecursionError):
        return None
    layout = layout_of(cls)
    message = cls(**dict(zip(layout.names, msgspec.structs.astuple(row), strict=True)))
    return without_markers(layout, message)


@cache
def _row(cls: type[Message]) -> msgspec.json.Decoder[msgspec.Struct]:
    """Return a decoder of the list of a message's values."""
    blank = cls()
    fields = [
        (place.name, get_args(cls.__annotations__[place.name])[0], getattr(blank, place.name))
        for place in layout_of(cls).places
    ]
    return msgspec.json.Decoder(msgspec.defstruct(f"{cls.__name__}Row", fields, array_like=True, gc=False))


@cache
def _blanks(cls: type[Message]) -> tuple[int | None, ...]:
    """Return what is written for a None, by place."""
    return tuple(0 if place.at.unset == 0.0 else None for place in layout_of(cls).places)
