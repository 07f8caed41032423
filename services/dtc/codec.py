"""Bytes to messages and back.

A connection carries one stream of messages in one encoding, and may change the encoding once, right after
the encoding response: the very next byte belongs to the new one, even when it arrived in the same chunk.
Therefore the decoder hands out one message at a time and looks at its encoding again for each.

TCP cuts the stream anywhere. The decoder keeps the unfinished rest and yields only complete messages, so
the result does not depend on the cuts. The rest is bounded: 65,535 bytes in binary, where Size has two
bytes, and 1 MiB in JSON, far above anything a server sends, so a peer that never ends a message cannot fill
our memory.

Two kinds of trouble are told apart. A message we do not know, or one JSON object that makes no sense, is
skipped and counted, because the stream goes on behind it. A Size below 4, an endless object, or twenty
senseless objects in a row mean that the stream itself is lost: RemoteProtocolError, and from then on
nothing else. Binary has no way to find the next message after a wrong Size, so such a connection is closed,
not repaired.

All five encodings of the protocol have a name; binary, JSON and compact JSON are spoken here. The last two differ in
what is written; each is read in a stream of the other.
"""

from collections import Counter, deque
from collections.abc import Iterator

from services.dtc import binary, json_text
from services.dtc.enums import EncodingEnum
from services.dtc.errors import LocalProtocolError, RemoteProtocolError
from services.dtc.json_text import Malformed, UnknownType
from services.dtc.messages.base import Message
from services.dtc.messages.catalog import BY_TYPE

TEXTUAL = (EncodingEnum.JSON_ENCODING, EncodingEnum.JSON_COMPACT_ENCODING)  # each is read by a reader of the other
SUPPORTED = (EncodingEnum.BINARY_ENCODING, *TEXTUAL)
SUPPORTED_WORDS = "binary, JSON and compact JSON are"
MAX_JSON_BYTES = 1 << 20
MAX_MALFORMED_IN_A_ROW = 20
SAMPLES_KEPT = 5
OTHER_TYPES = -1  # numbers no uint16 holds are counted as one, so that the counter stays bounded


def encode(message: Message, encoding: EncodingEnum) -> bytes:
    """Return the whole frame of a message.

    Raises:
        LocalProtocolError: a value does not fit, or the encoding is not supported.
    """
    if encoding is EncodingEnum.BINARY_ENCODING:
        return binary.pack(message)
    _require_supported(encoding)
    return json_text.pack(message, compact=encoding is EncodingEnum.JSON_COMPACT_ENCODING)


class Decoder:
    """Turns received bytes into complete messages; iterate after each `feed`.

    Attributes:
        frames: complete frames seen, the unknown and malformed ones included.
        unknown: how often each message number without a class arrived.
        malformed: how many JSON objects were skipped because they made no sense.
        samples: the last few of those, cut and free of secrets.
    """

    def __init__(self, encoding: EncodingEnum = EncodingEnum.BINARY_ENCODING) -> None:
        _require_supported(encoding)
        self.frames = 0
        self.unknown: Counter[int] = Counter()
        self.malformed = 0
        self.samples: deque[Malformed] = deque(maxlen=SAMPLES_KEPT)
        self._encoding = encoding
        self._buffer = bytearray()
        self._start = 0  # of the first byte not yet consumed
        self._searched = 0  # JSON: no zero byte before this position
        self._malformed_in_a_row = 0
        self._error: RemoteProtocolError | None = None

    @property
    def encoding(self) -> EncodingEnum:
        """The encoding in which the next message is read."""
        return self._encoding

    @property
    def waiting(self) -> bytes:
        """The first bytes not yet consumed, at most 16; for telling what a peer speaks."""
        return bytes(self._buffer[self._start : self._start + 16])

    def switch(self, encoding: EncodingEnum) -> None:
        """Read everything not yet handed out in another encoding.

        Raises:
            LocalProtocolError: the encoding is not supported.
        """
        _require_supported(encoding)
        self._encoding = encoding
        self._searched = self._start

    def take_rest(self) -> bytes:
        """Return the bytes not yet consumed, for whoever reads on from here; they are not here any more."""
        rest = bytes(self._buffer[self._start :])
        self._buffer.clear()
        self._start = self._searched = 0
        return rest

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Add received bytes; parses nothing."""
        if self._error is None:
            self._buffer += data

    def __iter__(self) -> Iterator[Message]:
        """Yield the complete messages received so far; raises as `next_message`."""
        while (message := self.next_message()) is not None:
            yield message

    def next_message(self) -> Message | None:
        """Return the next complete message; None when more bytes are needed.

        Raises:
            RemoteProtocolError: the stream is lost; raised again at every later attempt.
        """
        while self._error is None:
            binary_now = self._encoding is EncodingEnum.BINARY_ENCODING
            read = self._next_binary() if binary_now else self._next_json()
            if isinstance(read, Message):
                return read
            if read is None:
                self._forget_consumed()
                return None
        raise self._error

    def _next_binary(self) -> Message | UnknownType | None:
        buffer, start = self._buffer, self._start
        available = len(buffer) - start
        if available < binary.HEADER.size:
            return None
        size, number = binary.HEADER.unpack_from(buffer, start)
        if size < binary.HEADER.size:
            raise self._lost(f"a binary message of {size} bytes, at least 4 expected")
        if available < size:
            return None
        self._start += size
        self.frames += 1
        cls = BY_TYPE.get(number)
        if cls is None:
            return self._skipped(UnknownType(number))
        return binary.readers_of(cls).read(buffer, start, size)

    def _next_json(self) -> Message | UnknownType | Malformed | None:
        end = self._buffer.find(0, self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched - self._start > MAX_JSON_BYTES:
                raise self._lost(f"a JSON message without end after {MAX_JSON_BYTES} bytes")
            return None
        if end - self._start > MAX_JSON_BYTES:
            raise self._lost(f"a JSON message of more than {MAX_JSON_BYTES} bytes")
        frame = bytes(self._buffer[self._start : end])
        self._start = self._searched = end + 1
        self.frames += 1
        read = json_text.read(frame)
        if isinstance(read, Malformed):
            return self._refused(read)
        self._malformed_in_a_row = 0
        return self._skipped(read) if isinstance(read, UnknownType) else read

    def _skipped(self, unknown: UnknownType) -> UnknownType:
        self.unknown[unknown.number if 0 <= unknown.number <= binary.MAX_SIZE else OTHER_TYPES] += 1
        return unknown

    def _refused(self, malformed: Malformed) -> Malformed:
        self.malformed += 1
        self._malformed_in_a_row += 1
        self.samples.append(malformed)
        if self._malformed_in_a_row >= MAX_MALFORMED_IN_A_ROW:
            raise self._lost(f"{MAX_MALFORMED_IN_A_ROW} senseless JSON messages in a row: {malformed.reason}")
        return malformed

    def _lost(self, reason: str) -> RemoteProtocolError:
        self._error = RemoteProtocolError(f"The peer broke the protocol: {reason}.")
        self._buffer.clear()
        self._start = self._searched = 0
        return self._error

    def _forget_consumed(self) -> None:
        del self._buffer[: self._start]
        self._searched = max(self._searched - self._start, 0)
        self._start = 0


def _require_supported(encoding: EncodingEnum) -> None:
    if encoding not in SUPPORTED:
        raise LocalProtocolError(f"Encoding {EncodingEnum(encoding).name} is not supported; {SUPPORTED_WORDS}.")
