"""Encodings 2 and 3: one JSON object per message, ended by a zero byte.

They differ in what is written only: compact JSON has the short form (see `compact_form.py`) for the numbers the
protocol lists. Both forms are read for every number, whatever was agreed: real servers send short heartbeats between
ordinary objects, and which of the newer messages are sent short is told nowhere.

Almost every frame is read by a typed decoder in one step. What that refuses gets a second, patient reading:
8-bit characters, control characters inside text, null for "unset", 1.0 or true where a whole number is due.
Only what both refuse is malformed.
"""

import json
import re
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from services.dtc import compact_form, text
from services.dtc.layout import Layout, Place, Value, layout_of, without_markers
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import BY_TYPE, MESSAGES, NAMED_ONLY, SHORT_FORM

SAMPLE_CHARACTERS = 500

_BY_TYPE = BY_TYPE | {message.TYPE: message for message in NAMED_ONLY}
_DECODER: msgspec.json.Decoder[Message] = msgspec.json.Decoder(reduce(or_, (*MESSAGES, *NAMED_ONLY)))
_SECRET = re.compile(r'("(?:Password|Username)"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_LOGON = re.compile(r'"Type"\s*:\s*1\s*[,}]')


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A well-formed message of a number we have no class for."""

    number: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that is not a message, and why; `sample` is safe to log."""

    reason: str
    sample: str


class _Unreadable(Exception):
    """Why a frame is malformed; never leaves this module."""


def read(frame: bytes) -> Message | UnknownType | Malformed:
    """Return what one frame, its zero byte removed, says."""
    if not frame.isascii() or b"\\u" in frame:
        return _read_patiently(frame)
    if b'"F"' in frame:
        return compact_form.read(frame) or _read_patiently(frame)
    try:
        message = _DECODER.decode(frame)
    except (msgspec.MsgspecError, RecursionError):
        return _read_patiently(frame)  # which finds out what it was
    return without_markers(layout_of(type(message)), message)


def pack(message: Message, *, compact: bool = False) -> bytes:
    """Return the whole frame of a message; by name, fields that are None are left out.

    Args:
        compact: use the short form where the protocol has it.

    Raises:
        LocalProtocolError: a value does not fit its place.
    """
    frame = compact_form.pack(message) if compact and message.TYPE in SHORT_FORM else _named(message)
    return (frame if frame.isascii() else text.encode(frame.decode())) + b"\0"


def _named(message: Message) -> bytes:
    layout = layout_of(type(message))
    values = zip(layout.names, layout.values(message), strict=True)
    fields: dict[str, Value] = {"Type": message.TYPE}
    fields.update((name, value) for name, value in values if value is not None)
    return msgspec.json.encode(fields)


def sample_of(frame: bytes) -> str:
    """Return the beginning of a frame for a log, its secrets masked."""
    shown = text.decode(frame[: SAMPLE_CHARACTERS * 2])
    if _LOGON.search(shown):
        return "a logon request, not shown"
    return _SECRET.sub(r'\1"***"', shown)[:SAMPLE_CHARACTERS]


def _read_patiently(frame: bytes) -> Message | UnknownType | Malformed:
    try:
        loaded = _loaded(frame)
        number = _whole(loaded.get("Type"), "Type")
        message = _BY_TYPE.get(number)
        if message is None:
            return UnknownType(number)
        layout = layout_of(message)
        return without_markers(layout, message(**_fields(layout, loaded)))
    except _Unreadable as why:
        return Malformed(str(why), sample_of(frame))


def _loaded(frame: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(text.decode(frame), strict=False, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise _Unreadable("not JSON") from None
    if not isinstance(loaded, dict):
        raise _Unreadable("not a JSON object")
    return loaded


def _fields(layout: Layout, loaded: dict[str, Any]) -> dict[str, Value]:
    """Return the fields that are set, checked; the rest keep their defaults."""
    if isinstance(loaded.get("F"), list):
        found = list(zip(layout.places, loaded["F"], strict=False))  # a longer or shorter list is another age's
    else:
        found = [(place, loaded[place.name]) for place in layout.places if place.name in loaded]
    return {place.name: _value(place, value) for place, value in found if value is not None}


def _value(place: Place, value: object) -> Value:
    if place.is_text:
        if not isinstance(value, str):
            raise _Unreadable(f"{place.name} is not text")
        return value.partition("\0")[0].encode("utf-8", "replace").decode()
    if place.at.time is not None and isinstance(value, float) and abs(value) < 2**63:
        return value if place.is_float else int(value)  # seconds with a fraction where whole ones are due
    if not place.is_float:
        return _whole(value, place.name)
    if not isinstance(value, (int, float)):
        raise _Unreadable(f"{place.name} is not a number")
    try:
        return float(value)
    except OverflowError:
        return None


def _whole(value: object, name: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or not -(2**63) <= value < 2**64:
        raise _Unreadable(f"{name} is not a whole number")
    return int(value)
