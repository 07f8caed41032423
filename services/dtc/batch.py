"""One request and the numbered answers to it.

An answer is complete when every numbered part arrived, on this connection and after asking; or when the server said
that there is nothing. Parts that contradict what came before (another total, a number seen with other contents,
anything after the end) begin the answer anew, and until that one is complete the request is not answered: from half
an answer nothing may be concluded.
"""

from datetime import datetime
from typing import Any, NamedTuple

from services.dtc.messages.accounts import (
    AccountBalanceReject,
    AccountBalanceUpdate,
    TradeAccountResponse,
)
from services.dtc.messages.base import Message
from services.dtc.messages.trading import (
    CurrentPositionsReject,
    HistoricalOrderFillResponse,
    HistoricalOrderFillsReject,
    OpenOrdersReject,
    OrderUpdate,
    PositionUpdate,
)

LONGEST_BATCH = 100_000

REFUSAL_OF: dict[type[Message], type[Message]] = {
    OrderUpdate: OpenOrdersReject,
    HistoricalOrderFillResponse: HistoricalOrderFillsReject,
    PositionUpdate: CurrentPositionsReject,
    AccountBalanceUpdate: AccountBalanceReject,
}


class Row(NamedTuple):
    """A message and when it arrived, aware UTC."""

    message: Any
    at: datetime


class Batch:
    """The answers to one request.

    Attributes:
        request_id: what the answers echo.
        kind: the message class of its rows.
        refused: the server's words when it refused to answer; None otherwise.
    """

    def __init__(self, request_id: int, kind: type[Message]) -> None:
        self.request_id = request_id
        self.kind = kind
        self.refused: str | None = None
        self._total = 0
        self._rows: dict[int, Row] = {}
        self._said_empty = False

    @property
    def complete(self) -> bool:
        """Whether the server has told everything, or that there is nothing, or that it will not tell."""
        return self.refused is not None or self._said_empty or 0 < self._total == len(self._rows)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What has arrived, in the server's order."""
        return tuple(self._rows[number] for number in sorted(self._rows))

    def belongs(self, message: Any) -> bool:
        """Say whether a message answers this request; refusals may come without a number."""
        kind, number = type(message), getattr(message, "RequestID", None)
        return number == self.request_id if kind is self.kind else self._is_refusal(kind, number)

    def add(self, message: Any, at: datetime) -> None:
        """Take one answer."""
        if type(message) is not self.kind:
            self.refused = message.RejectText or "no reason given"
            return
        if _says_empty(message):
            self._begin(0)
            self._said_empty = True
            return
        total, number = _place(message)
        if not 0 < number <= total <= LONGEST_BATCH:
            self._begin(0)  # without numbers there is no telling whether parts are missing
            return
        seen = self._rows.get(number)
        if seen is not None and seen.message == message:
            return
        if total != self._total or seen is not None:
            self._begin(total)
        self._rows[number] = Row(message, at)

    def _is_refusal(self, kind: type, number: int | None) -> bool:
        return kind is REFUSAL_OF.get(self.kind) and number in (0, self.request_id)

    def _begin(self, total: int) -> None:
        self._total = total
        self._rows = {}
        self._said_empty = False


def _says_empty(message: Any) -> bool:
    if isinstance(message, TradeAccountResponse):
        return not message.TradeAccount
    if isinstance(message, AccountBalanceUpdate):
        return message.NoAccountBalances != 0
    if isinstance(message, PositionUpdate):
        return message.NoPositions != 0
    if isinstance(message, HistoricalOrderFillResponse):
        return message.NoOrderFills != 0
    return isinstance(message, OrderUpdate) and message.NoOrders != 0


def _place(message: Any) -> tuple[int, int]:
    """Return how many parts there are and which this is; a lone balance may go without numbers."""
    total = message.TotalNumMessages if isinstance(message, OrderUpdate) else message.TotalNumberMessages
    if isinstance(message, AccountBalanceUpdate) and total == 0:
        return 1, 1
    return total, message.MessageNumber
