"""What is said of market depth on one line: asked only for symbols somebody looks at, read, and left on the board.

A symbol's depth is asked for once its price scale is confirmed, on every connection anew; the book of the connection
before is dropped with the first word of the new one. Some venues tell the best prices only there: then every symbol
that is subscribed is asked for, and its quotes are made of its book. Sans-io; the conversation owns it (network
thread).
"""

from datetime import datetime
from typing import Any, Protocol

from core.model.depth import Depth
from core.model.market import FeedState, Quote
from services.dtc.definitions import Definitions
from services.dtc.depth_book import SNAPSHOTS, UPDATES, DepthBook
from services.dtc.enums import RequestActionEnum
from services.dtc.messages.base import Message
from services.dtc.messages.connection import LogonResponse
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
        self._looked_at: dict[str, None] = {}
        self._books: dict[str, DepthBook] = {}
        self._asked: set[str] = set()
        self._is_served: bool | None = None  # None while nobody is there to say so
        self._gives_best = False

    def begin(self, response: LogonResponse) -> None:
        """Start on a new connection: what was known is dropped, what is wanted is asked for again."""
        self._is_served = response.MarketDepthIsSupported != 0
        self._gives_best = self._is_served and response.MarketDepthUpdatesBestBidAndAsk != 0
        self._asked.clear()
        self._books.clear()
        for symbol in self._looked_at:
            self._open(symbol)

    def end(self) -> None:
        """Take that the line fell: nothing can be asked for; the board marks what it holds as history."""
        self._is_served = None
        self._asked.clear()

    def want(self, symbol: str) -> None:
        """Have a symbol's depth told to who looks at it, now and on every later connection."""
        if symbol and symbol not in self._looked_at:
            self._looked_at[symbol] = None
            self._open(symbol)

    def track(self, symbol: str) -> None:
        """Have a symbol's quotes made of its depth, if that is how this venue tells them."""
        if self._gives_best and symbol not in self._books:
            self._books[symbol] = DepthBook(symbol)

    def drop(self, symbol: str, is_streaming: bool) -> list[Message]:
        """Look at it no more; return what is to be sent. Where quotes are made of it, it is still told."""
        if symbol not in self._looked_at:
            return []
        del self._looked_at[symbol]
        self._board.drop_depth(self._translator.connection, symbol)
        if self._gives_best and is_streaming:
            return []
        del self._books[symbol]
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

    def on(self, message: Any, at: datetime) -> Quote | None:
        """Take a message of DEPTH; return the quote where this venue tells the best prices in no other way."""
        symbol = self._market.symbol(message.SymbolID)
        book, scale = self._books.get(symbol), self._definitions.scale(symbol)
        if book is None or scale is None or symbol not in self._asked:
            return None  # told before our word that nobody looks any more has arrived
        try:
            if not book.read(message, scale, at):
                return None
        except Refused as refusal:
            self._translator.refusals.note(message, str(refusal))
            return None
        self._put(book.shown)
        return self._market.best_of(book.shown, at) if self._gives_best else None

    def on_refused(self, message: Any) -> None:
        """Take the venue's refusal (121)."""
        book = self._books.get(self._market.symbol(message.SymbolID))
        if book is not None:
            book.refuse(self._translator.masked(message.RejectText).rstrip(".") or "no reason given")
            self._put(book.shown)

    def feed(self, feed: FeedState, symbol: str, resubscribe: bool) -> None:
        """Take what the venue says of the feed of a symbol, or of all of them where it is empty.

        Gone is history; back is asked for anew where the venue wants that.
        """
        for name, book in self._books.items():
            if symbol not in ("", name):
                continue
            if feed is FeedState.DOWN:
                book.mark_stale()
                self._put(book.shown)
            elif resubscribe:
                self._asked.discard(name)

    def _open(self, symbol: str) -> None:
        self._definitions.want(symbol)
        held = self._books.setdefault(symbol, DepthBook(symbol))
        self._put(Depth(symbol, is_served=False) if self._is_served is False else held.shown)

    def _request(self, symbol: str) -> MarketDepthRequest:
        number = self._market.number(symbol)
        action = RequestActionEnum.SUBSCRIBE
        return MarketDepthRequest(RequestAction=action, SymbolID=number, Symbol=symbol, NumLevels=LEVELS)

    def _put(self, depth: Depth) -> None:
        if depth.symbol in self._looked_at:
            self._board.put_depth(self._translator.connection, depth)
