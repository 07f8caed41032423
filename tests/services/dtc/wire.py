"""What the codec's tests share: the protocol's facts, and short ways to decode."""

import json
from pathlib import Path
from typing import Any

from services.dtc.codec import Decoder
from services.dtc.enums import EncodingEnum
from services.dtc.layout import layout_of
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import BY_TYPE

BINARY = EncodingEnum.BINARY_ENCODING
JSON = EncodingEnum.JSON_ENCODING
COMPACT = EncodingEnum.JSON_COMPACT_ENCODING
GOLDENS: list[dict[str, Any]] = [
    golden
    for golden in json.loads((Path(__file__).parent / "goldens.json").read_text())["examples"]
    if golden["type"] in BY_TYPE
]
DESCRIBED: dict[int, dict[str, Any]] = {
    entry["type"]: entry
    for entry in json.loads((Path(__file__).parents[3] / "services/dtc/messages.json").read_text(encoding="utf-8"))[
        "messages"
    ]
}


def decoded(data: bytes | bytearray, encoding: EncodingEnum = BINARY) -> list[Message]:
    decoder = Decoder(encoding)
    decoder.feed(data)
    return list(decoder)


def from_json(text: str) -> Message:
    [message] = decoded(text.encode("cp1252") + b"\0", JSON)
    return message


def unset_as_binary_says(message: Message) -> Message:
    """None becomes the protocol's default where binary cannot tell it from a value."""
    changes = {
        place.name: place.at.unset
        for place in layout_of(type(message)).places
        if getattr(message, place.name) is None
        and place.at.unset is not None
        and place.limit is not None
        and place.at.unset < place.limit
    }
    return type(message)(**{f: getattr(message, f) for f in message.__struct_fields__} | changes)
