"""What follows the header of a history: plain messages, or the same in one zlib stream.

The sizes a peer tells are not trusted: what is inflated is taken in pieces, and each piece is read before the next.
"""

import zlib
from collections.abc import Iterator
from typing import Final

from services.dtc.codec import Decoder
from services.dtc.enums import EncodingEnum
from services.dtc.errors import RemoteProtocolError
from services.dtc.messages.base import Message

PIECE_BYTES: Final = 1 << 18


class HistoryStream:
    """Turns received bytes into messages."""

    def __init__(self, encoding: EncodingEnum, *, is_compressed: bool) -> None:
        self._decoder = Decoder(encoding)
        self._inflater = zlib.decompressobj() if is_compressed else None

    def messages(self, data: bytes) -> Iterator[Message]:
        """Yield what the bytes complete.

        Raises:
            RemoteProtocolError: they are no such stream.
        """
        for piece in self._inflated(data):
            self._decoder.feed(piece)
            yield from self._decoder

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            yield data
            return
        while data:
            try:
                piece = self._inflater.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise RemoteProtocolError(f"The compressed history cannot be read ({error}).") from None
            yield piece
            if self._inflater.eof:
                return
            data = self._inflater.unconsumed_tail
