"""One conversation with a history server: log on, ask one question, take the answer. Sans-io.

A history port answers one request per connection. Requests and the header of the answer are never compressed; what
comes after a header that says so is one zlib stream, in which there is neither heartbeat nor anything else.
"""

from core.errors import ConnectionLost
from services.dtc.errors import RemoteProtocolError
from services.dtc.history_records import RecordReader, records
from services.dtc.history_stream import HistoryStream
from services.dtc.messages.base import Message
from services.dtc.messages.historical_prices import (
    HistoricalPriceDataReject,
    HistoricalPriceDataRequest,
    HistoricalPriceDataResponseHeader,
    HistoricalPriceDataResponseTrailer,
)
from services.dtc.session import Session
from services.dtc.session_events import Ended, LoggedOn, LogonRefused

HEADER_WITHIN_S = 60.0
SILENT_S = 30.0


class HistoryTalk:
    """The rules of the conversation; the owner moves the bytes.

    Attributes:
        is_over: the answer is complete. is_compressed: it said that it is.
        refusal: the venue's own, when it did not answer with data.
    """

    def __init__(self, session: Session, request: HistoricalPriceDataRequest, reader: RecordReader) -> None:
        self.is_over = False
        self.is_compressed = False
        self.refusal: HistoricalPriceDataReject | None = None
        self._session = session
        self._request = request
        self._reader = reader
        self._stream: HistoryStream | None = None
        self._due_s = float("inf")

    def receive(self, data: bytes, now_s: float) -> None:
        """Take received bytes.

        Raises:
            ConnectionLost: the server does not let us in, or ended the conversation.
            RemoteProtocolError: what it says is not the protocol.
        """
        if self._stream is None:
            self._session.receive_data(data, now_s)
            data = self._converse(now_s)
        if self._stream is not None and not self.is_over:
            if data:
                self._due_s = now_s + SILENT_S
            for message in self._stream.messages(data):
                self._on_answer(message)
                if self.is_over:
                    return

    def receive_eof(self) -> None:
        """Tell that the server closed the connection.

        Raises:
            ConnectionLost: before it had answered.
        """
        if not self.is_over:
            when = "without an answer" if self._stream is None else "before the last record"
            raise ConnectionLost(f"The history server closed the connection {when}.")

    def tick(self, now_s: float) -> None:
        """Do what the time demands.

        Raises:
            ConnectionLost: it takes too long.
        """
        if self._stream is None:
            self._session.tick(now_s)
            self._converse(now_s)
        if now_s >= self._due_s and not self.is_over:
            raise ConnectionLost("The history server does not answer.")

    def to_send(self) -> bytes:
        """Return the next bytes for the socket, which takes all of them."""
        data = self._session.data_to_send()
        self._session.data_sent(len(data))
        return data

    def _converse(self, now_s: float) -> bytes:
        """Handle what is said before the answer; return the bytes behind its header."""
        for item in self._session.messages():
            if isinstance(item, LogonRefused):
                raise ConnectionLost(f"The history server refused the logon: {item.reason}")
            if isinstance(item, Ended):
                raise ConnectionLost(f"The history server ended the conversation: {item.reason}")
            if isinstance(item, LoggedOn):
                self._session.send(self._request)
                self._due_s = now_s + HEADER_WITHIN_S
            elif isinstance(item, HistoricalPriceDataResponseHeader):
                return self._begin(item)
            elif isinstance(item, HistoricalPriceDataReject):
                self.refusal, self.is_over = item, True
                return b""
        return b""

    def _begin(self, header: HistoricalPriceDataResponseHeader) -> bytes:
        if header.UseZLibNGCompression:
            raise RemoteProtocolError("The history is compressed in a way nobody asked for.")
        rest = self._session.decoder.take_rest()
        self.is_over = header.NoRecordsToReturn != 0
        self.is_compressed = header.UseZLibCompression != 0
        self._stream = HistoryStream(self._session.encoding, is_compressed=self.is_compressed)
        return rest

    def _on_answer(self, message: Message) -> None:
        for record in records(message):
            self._reader.take(record)
            self.is_over = record.IsFinalRecord != 0
        if isinstance(message, HistoricalPriceDataResponseTrailer):
            self.is_over = True
