"""For every message there is: what is written is what is read, wherever the stream is cut, whatever is broken in it."""

import random
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.dtc import text
from services.dtc.codec import MAX_JSON_BYTES, Decoder, encode
from services.dtc.enums import EncodingEnum
from services.dtc.errors import RemoteProtocolError
from services.dtc.layout import Place, layout_of
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import MESSAGES
from services.dtc.session import Session
from services.dtc.session_events import SessionEvent
from services.dtc.session_settings import Role, SessionSettings
from tests.services.dtc.back_to_back import logged_on
from tests.services.dtc.wire import BINARY, COMPACT, JSON, decoded, unset_as_binary_says

CHARACTERS = [text.decode(bytes([byte])) for byte in range(1, 256)]
RANGES = {code: (0, 256**size - 1) for code, size in (("B", 1), ("H", 2), ("I", 4), ("Q", 8))} | {
    code: (-(256**size) // 2, 256**size // 2 - 1) for code, size in (("b", 1), ("h", 2), ("i", 4), ("q", 8))
}


def values_of(place: Place) -> st.SearchStrategy[Any]:
    if place.is_text:
        return st.text(st.sampled_from(CHARACTERS), max_size=min(place.room, 12))
    if place.at.code == "d":
        return st.none() | st.floats(-1.6e308, 1.6e308)
    if place.at.code == "f":
        return st.none() | st.floats(-(2.0**127), 2.0**127, width=32)
    low, high = RANGES[place.at.code]
    if place.at.unset is not None:
        return st.none() | st.integers(low, high - 1)
    return st.integers(low, high)


@pytest.mark.parametrize("cls", MESSAGES, ids=lambda cls: cls.__name__)
@settings(max_examples=10, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_written_is_what_is_read(cls: type[Message], data: st.DataObject) -> None:
    message = data.draw(st.builds(cls, **{place.name: values_of(place) for place in layout_of(cls).places}))
    assert decoded(encode(message, BINARY)) == [unset_as_binary_says(message)]
    assert decoded(encode(message, JSON), JSON) == [message]
    [read] = decoded(encode(message, COMPACT), COMPACT)
    assert unset_as_binary_says(read) == unset_as_binary_says(message)


def recorded(encoding: EncodingEnum) -> bytes:
    """What a server sent in a whole session: the handshake, and one message of every kind."""
    pair = logged_on(SessionSettings(encoding=encoding))
    generator = random.Random(7)
    for cls in MESSAGES:
        if cls.TYPE >= 100:
            names = {place.name: chosen(place, generator) for place in layout_of(cls).places}
            pair.server.send(cls(**names))
    pair.wait(10)
    pair.server.log_off("End of the record")
    pair.exchange()
    return bytes(pair.to_client)


def chosen(place: Place, generator: random.Random) -> Any:
    if place.is_text:
        return "".join(generator.choices(CHARACTERS, k=generator.randrange(min(place.room, 9))))
    return generator.choice((0.5, 3.0, 2.0**20)) if place.is_float else generator.randrange(100)


def replay(chunks: list[bytes], encoding: EncodingEnum) -> list[Message | SessionEvent]:
    session = Session(Role.CLIENT, SessionSettings(encoding=encoding), 0.0)
    seen: list[Message | SessionEvent] = []
    for chunk in chunks:
        session.receive_data(chunk, 1.0)
        seen += session.messages()
    return seen


RECORDS = {encoding: recorded(encoding) for encoding in (BINARY, JSON, COMPACT)}


@pytest.mark.parametrize("encoding", RECORDS)
def test_a_session_cut_at_any_byte_is_the_same_session(encoding: EncodingEnum) -> None:
    record = RECORDS[encoding]
    whole = replay([record], encoding)
    assert len(whole) > len(MESSAGES) - 6
    step = 1 if len(record) < 6000 else 3
    offsets = {*range(600), *range(0, len(record), step), *range(len(record) - 300, len(record))}
    for offset in sorted(offsets):
        assert replay([record[:offset], record[offset:]], encoding) == whole, offset


@pytest.mark.parametrize("encoding", RECORDS)
def test_two_hundred_random_ways_to_cut_a_session_are_the_same_session(encoding: EncodingEnum) -> None:
    record = RECORDS[encoding]
    whole = replay([record], encoding)
    for seed in range(200):
        generator = random.Random(seed)
        longest = generator.choice((1, 7, 60, 900, 5000))
        chunks, start = [], 0
        while start < len(record):
            end = start + generator.randint(1, longest)
            chunks.append(record[start:end])
            start = end
        assert replay(chunks, encoding) == whole, seed


def mutated(record: bytes, generator: random.Random) -> bytes:
    """Return the record with one to four wounds: bytes changed, cut out, doubled, overwritten or put in."""
    wounded = bytearray(record)
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(wounded))
        length = generator.choice((1, 2, 4, 30))
        match generator.randrange(6):
            case 0:
                wounded[at] = generator.randrange(256)
            case 1:
                del wounded[at : at + length]
            case 2:
                wounded[at:at] = wounded[at : at + length]
            case 3:
                wounded[at : at + length] = generator.randbytes(length)
            case 4:
                wounded[at:at] = generator.randbytes(length)
            case _:
                wounded[at : at + 2] = struct.pack("<H", generator.choice((0, 3, 4, 65535)))
    return bytes(wounded)


@pytest.mark.parametrize("encoding", RECORDS)
def test_five_thousand_wounded_streams_raise_nothing_but_a_remote_protocol_error(encoding: EncodingEnum) -> None:
    generator = random.Random(20260823)
    frames = [encode(item, encoding) for item in replay([RECORDS[encoding]], encoding) if isinstance(item, Message)]
    decoder, lost, senseless, understood = Decoder(encoding), 0, 0, 0
    for _ in range(5000):
        decoder.feed(mutated(b"".join(generator.choices(frames, k=4)), generator))
        try:
            for message in decoder:
                understood += len(repr(message)) > 0
            over = generator.random() < 0.05
        except RemoteProtocolError:
            over = True
            lost += 1
        assert len(decoder._buffer) <= MAX_JSON_BYTES
        if over:
            senseless += decoder.malformed
            decoder = Decoder(encoding)
    assert understood > 1000
    assert (lost if encoding is BINARY else senseless) > 0


def test_a_wounded_opening_raises_nothing_but_a_remote_protocol_error() -> None:
    for encoding, record in RECORDS.items():
        generator = random.Random(5)
        for _ in range(300):
            session = Session(Role.CLIENT, SessionSettings(encoding=encoding), 0.0)
            session.receive_data(mutated(record[:700], generator), 1.0)
            try:
                for item in session.messages():
                    repr(item)
            except RemoteProtocolError as error:
                assert session.ended is not None
                assert session.ended.reason == str(error)
