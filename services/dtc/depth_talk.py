"""What is said of market depth on one line: asked only for symbols somebody looks at, read, and left on the board.

A symbol's depth is asked for once its price scale is confirmed, on every connection anew; the book of the connection
before is dropped with the first word of the new one. Sans-io; the conversation owns it (network thread).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from core.model.depth import Depth
from core.model.market import FeedState
from services.dtc.definitions import Definitions
from services.dtc.depth_book import SNAPSHOTS, UPDATES, DepthBook
from services.dtc.enums import RequestActionEnum
from services.dtc.messages.base import Message
from services.dtc.messages.market_depth import MarketDepthRequest
from services.dtc.refusal import Refused
from services.dtc.translate import Translator
from services.dtc.translate_market import MarketTranslator

LEVELS = 200  # of each side; a ladder shows some sixty rows, and is scrolled
DEPTH: tuple[type[Message], ...] = (*SNAPSHOTS, *UPDATES)


class DepthBoard(Protocol):
    """Where books are left for the window; StateManager is one."""

    def put_depth(self, connection: str, depth: Depth) -> None:
        """Set the latest of a symbol."""
        ...

    def drop_depth(self, connection: str, symbol: str) -> None:
        """Forget a symbol's."""
        ...


class DepthTalk:
    """The depth half of a conversation."""

    def __init__(self, board: DepthBoard, market: MarketTranslator, translator: Translator) -> None:
        self._board = board
        self._market = market
        self._translator = translator
        self._definitions: Definitions = translator.definitions
        self._books: dict[str, DepthBook] = {}
        self._asked: set[str] = set()
        self._is_served = False

    def begin(self, is_served: bool) -> None:
        """Start on a new connection: what was known is dropped, what is wanted is asked for again."""
        self._is_served = is_served
        self._asked.clear()
        for symbol, book in self._books.items():
            book.begin()
            self._definitions.want(symbol)
            self._put(book.shown if is_served else Depth(symbol, is_served=False))

    def end(self) -> None:
        """Take that the line fell: nothing can be asked for; the board marks what it holds as history."""
        self._is_served = False
        self._asked.clear()

    def want(self, symbol: str) -> None:
        """Have a symbol's depth told, now and on every later connection."""
        if symbol and symbol not in self._books:
            self._books[symbol] = DepthBook(symbol)
            self._definitions.want(symbol)
            self._put(Depth(symbol))

    def drop(self, symbol: str) -> list[Message]:
        """Want it no more; return what is to be sent."""
        if self._books.pop(symbol, None) is None:
            return []
        self._board.drop_depth(self._translator.connection, symbol)
        if symbol not in self._asked:
            return []
        self._asked.discard(symbol)
        return [MarketDepthRequest(RequestAction=RequestActionEnum.UNSUBSCRIBE, SymbolID=self._market.number(symbol))]

    def due(self) -> list[Message]:
        """Return the requests that have become possible."""
        if not self._is_served or len(self._asked) == len(self._books):
            return []
        ready = [one for one in self._books if one not in self._asked and self._definitions.confirmed(one) is not None]
        self._asked.update(ready)
        return [self._request(symbol) for symbol in ready]

    def on(self, message: Any, at: datetime) -> None:
        """Take a message of DEPTH."""
        symbol = self._market.symbol(message.SymbolID)
        book, scale = self._books.get(symbol), self._definitions.scale(symbol)
        if book is None or scale is None or symbol not in self._asked:
            return  # told before our word that nobody looks any more has arrived
        try:
            if book.read(message, scale, at):
                self._put(book.shown)
        except Refused as refusal:
            self._translator.refusals.note(message, str(refusal))

    def on_refused(self, message: Any) -> None:
        """Take the venue's refusal (121)."""
        book = self._books.get(self._market.symbol(message.SymbolID))
        if book is not None:
            book.refuse(self._translator.masked(message.RejectText).rstrip(".") or "no reason given")
            self._put(book.shown)

    def feed(self, feed: FeedState, symbols: Iterable[str], resubscribe: bool) -> None:
        """Take what the venue says of the feed of symbols: gone is history, back is asked for anew where it wants so."""
        for symbol in symbols:
            book = self._books.get(symbol)
            if book is not None and feed is FeedState.DOWN:
                book.mark_stale()
                self._put(book.shown)
            elif book is not None and resubscribe:
                self._asked.discard(symbol)

    def _request(self, symbol: str) -> MarketDepthRequest:
        number = self._market.number(symbol)
        action = RequestActionEnum.SUBSCRIBE
        return MarketDepthRequest(RequestAction=action, SymbolID=number, Symbol=symbol, NumLevels=LEVELS)

    def _put(self, depth: Depth) -> None:
        self._board.put_depth(self._translator.connection, depth)
