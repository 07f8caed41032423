"""DTC words to core words: what arrives on the account side of a line becomes events.

Sans-io: messages and the time go in, events come out. Whatever carries a price waits until the venue has defined the
symbol on this connection, because only the definition says how prices are scaled; the definition is asked for at
once. After five seconds it is released all the same, read with the last known scale or, if there never was one,
without any price: a position must not wait for a price. (Such a fill's price is completed by a later snapshot of the
fills at best; an audited correction of it is not written yet.)
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from core.broker_report import OrderReport, PositionReport
from core.events import BalanceReported, FillReceived, GapDetected, OrderReported, PositionReported, VenueSpoke
from core.messages import Event
from core.model.fill import Fill
from core.model.scope import Account, AccountKey, Balance
from services.dtc import border, translate_accounts, translate_orders
from services.dtc.border import Refusals
from services.dtc.definitions import ANSWER_WITHIN_S, Definitions
from services.dtc.messages.accounts import AccountBalanceUpdate, TradeAccountResponse
from services.dtc.messages.base import Message
from services.dtc.messages.notices import GeneralLogMessage, UserMessage
from services.dtc.messages.trading import HistoricalOrderFillResponse, OrderUpdate, PositionUpdate
from services.dtc.refusal import Refused
from services.dtc.translate_orders import scope_of

HELD_S = ANSWER_WITHIN_S
HELD_LIMIT = 10_000
SHOWN_OF_AN_ACCOUNT = 2

Priced = OrderUpdate | PositionUpdate


class Translator:
    """Translates the account side of one connection (network thread).

    Attributes:
        definitions: the symbols' scales.
        refusals: what made no sense, counted.
    """

    def __init__(self, connection: str, ids: Iterator[int]) -> None:
        self.connection = connection
        self.refusals = Refusals(connection)
        self.definitions = Definitions(ids, self.refusals)
        self._accounts: set[str] = set()
        self._held: dict[str, deque[tuple[Priced, datetime, float]]] = {}
        self._held_count = 0

    # -- live messages ----------------------------------------------------------------------------------------------

    def events_from(self, message: Message, at: datetime, now_s: float) -> list[Event]:
        """Return what a message tells, in order; nothing while it waits for its symbol's definition.

        Args:
            at: when it arrived, aware UTC.
            now_s: the same on the monotonic clock.
        """
        if isinstance(message, (OrderUpdate, PositionUpdate)):
            return self._priced(message, at, now_s)
        if isinstance(message, AccountBalanceUpdate):
            return self._guarded(self._balance_event, message, at)
        if isinstance(message, UserMessage):
            return [VenueSpoke(self.connection, self.masked(message.UserMessage), message.IsPopupMessage != 0)]
        if isinstance(message, GeneralLogMessage):
            return [VenueSpoke(self.connection, self.masked(message.MessageText))]
        self.refusals.note(message, "not asked for")
        return []

    def release(self, now_s: float) -> list[Event]:
        """Return the events whose symbol is settled now, or which have waited long enough."""
        events: list[Event] = []
        for symbol in list(self._held):
            queue = self._held[symbol]
            while queue and (self.definitions.settled(symbol) or now_s - queue[0][2] >= HELD_S):
                message, at, _ = queue.popleft()
                self._held_count -= 1
                events.extend(self._guarded(self._priced_events, message, at))
            if not queue:
                del self._held[symbol]
        return events

    def flush(self) -> list[Event]:
        """Return everything held, read with what is known; for the end of a connection: no report is thrown away."""
        return self.release(float("inf"))

    # -- rows of answers --------------------------------------------------------------------------------------------

    def account(self, message: TradeAccountResponse) -> Account:
        """Return an account of a list.

        Raises:
            Refused: it has no name.
        """
        account = translate_accounts.account_of(message, self.connection)
        self._accounts.add(account.key.account)
        return account

    def order(self, message: OrderUpdate, at: datetime) -> OrderReport:
        """Return an order of a list, read with the best scale there is.

        Raises:
            Refused: it cannot be used.
        """
        key = scope_of(self.connection, message.TradeAccount, message.Symbol)
        scale = self.definitions.scale(key.symbol)
        return translate_orders.order_report(message, key, scale, at, self.refusals)

    def position(self, message: PositionUpdate, at: datetime) -> PositionReport:
        """Return a position of a list, read with the best scale there is.

        Raises:
            Refused: it cannot be used.
        """
        key = scope_of(self.connection, message.TradeAccount, message.Symbol)
        return translate_accounts.position_report(message, key, self.definitions.scale(key.symbol), at)

    def fill(self, message: HistoricalOrderFillResponse, at: datetime) -> Fill:
        """Return a fill of a list, read with the best scale there is.

        Raises:
            Refused: it cannot be used.
        """
        key = scope_of(self.connection, message.TradeAccount, message.Symbol)
        return translate_orders.fill_of_history(message, key, self.definitions.scale(key.symbol), at)

    def balance(self, message: AccountBalanceUpdate, at: datetime, account: str = "") -> tuple[AccountKey, Balance]:
        """Return an account's money.

        Args:
            account: whose it is when the message does not say.

        Raises:
            Refused: nobody says whose it is.
        """
        name = border.required(message.TradeAccount or account, "TradeAccount")
        self._accounts.add(name)
        return AccountKey(self.connection, name), translate_accounts.balance_of(message, at)

    def masked(self, text: str) -> str:
        """Return a text of the venue with the names of accounts shortened to their last characters."""
        for name in sorted(self._accounts, key=len, reverse=True):
            text = text.replace(name, "…" + name[-SHOWN_OF_AN_ACCOUNT:])
        return text

    # -- private ----------------------------------------------------------------------------------------------------

    def _priced(self, message: Priced, at: datetime, now_s: float) -> list[Event]:
        if _says_nothing(message):
            return []
        symbol = message.Symbol
        if symbol and self._must_wait(message):
            self.definitions.want(symbol, urgent=True)
            if self._held_count < HELD_LIMIT:
                self._held.setdefault(symbol, deque()).append((message, at, now_s))
                self._held_count += 1
                return []
            return [*self.flush(), *self._guarded(self._priced_events, message, at)]
        return self._guarded(self._priced_events, message, at)

    def _must_wait(self, message: Priced) -> bool:
        if message.Symbol in self._held:  # what came first is told first
            return True
        if self.definitions.settled(message.Symbol):
            return False
        return (
            bool(message.AveragePrice) if isinstance(message, PositionUpdate) else translate_orders.has_price(message)
        )

    def _priced_events(self, message: Priced, at: datetime) -> list[Event]:
        if isinstance(message, PositionUpdate):
            return [PositionReported(self.position(message, at))]
        report = self.order(message, at)
        self._accounts.add(report.key.account)
        events: list[Event] = [OrderReported(report)]
        if translate_orders.is_fill(message):
            try:
                scale = self.definitions.scale(report.key.symbol)
                events.append(FillReceived(translate_orders.fill_of_update(message, report.key, scale, at)))
            except Refused as refusal:
                events.append(self._lost_fill(message, refusal))
        return events

    def _balance_event(self, message: AccountBalanceUpdate, at: datetime) -> list[Event]:
        return [] if message.NoAccountBalances else [BalanceReported(*self.balance(message, at))]

    def _guarded(self, read: Callable[[Any, datetime], list[Event]], message: Message, at: datetime) -> list[Event]:
        try:
            return read(message, at)
        except Refused as refusal:
            if isinstance(message, OrderUpdate) and translate_orders.is_fill(message):
                return [self._lost_fill(message, refusal)]
            self.refusals.note(message, str(refusal))
            return []

    def _lost_fill(self, message: Message, refusal: Refused) -> GapDetected:
        """A fill that cannot be read was executed all the same: only a fresh snapshot can tell what it was."""
        self.refusals.note(message, str(refusal))
        return GapDetected(self.connection, f"The broker reported a fill that cannot be read: {refusal}.")


def _says_nothing(message: Priced) -> bool:
    """Say whether it is the empty answer to a question nobody waits for any more."""
    return bool(message.NoPositions) if isinstance(message, PositionUpdate) else bool(message.NoOrders)
