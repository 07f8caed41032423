"""What the venue says its symbols are: DTC 506 asked one at a time, 507 and 510 read, 509 and silence endured.

Sierra Chart refuses definition requests that follow one another too quickly, so one is open at a time. A definition
counts as confirmed on the connection it arrived on: a server that was restarted may scale its prices differently.
Until then the last known one serves for reading when the wait is over, and never for sending.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.model.instrument import Instrument
from services.dtc.border import Refusals
from services.dtc.messages.symbols import (
    SecurityDefinitionForSymbolRequest,
    SecurityDefinitionReject,
    SecurityDefinitionResponse,
    SecurityDefinitionResponseV2,
)
from services.dtc.price_scale import PriceScale, tidy

ANSWER_WITHIN_S = 5.0
ASK_AGAIN_AFTER_S = 10.0
TOO_QUICK_PAUSE_S = 1.0
TOO_QUICK_TRIES = 3
SMALLEST, LARGEST = Decimal("1e-9"), Decimal("1e9")  # of what a definition may say

Definition = SecurityDefinitionResponse | SecurityDefinitionResponseV2


@dataclass(slots=True)
class _Asked:
    symbol: str
    request_id: int
    due_s: float


class Definitions:
    """Knows the symbols of one connection (network thread)."""

    def __init__(self, ids: Iterator[int], refusals: Refusals) -> None:
        self._ids = ids
        self._refusals = refusals
        self._known: dict[str, PriceScale] = {}
        self._confirmed: set[str] = set()
        self._refused: set[str] = set()
        self._wanted: dict[str, None] = {}
        self._queue: deque[str] = deque()
        self._not_before: dict[str, float] = {}
        self._hurried: dict[str, int] = {}
        self._asked: _Asked | None = None

    def begin(self) -> None:
        """Start on a new connection: everything wanted is asked again."""
        self._confirmed.clear()
        self._refused.clear()
        self._not_before.clear()
        self._hurried.clear()
        self._asked = None
        self._queue = deque(self._wanted)

    def want(self, symbol: str, urgent: bool = False) -> None:
        """Have a symbol asked for unless it is known; an urgent one is asked next."""
        self._wanted[symbol] = None
        if self.settled(symbol) or (self._asked is not None and self._asked.symbol == symbol):
            return
        if symbol in self._queue:
            if not urgent or self._queue[0] == symbol:
                return
            self._queue.remove(symbol)
        if urgent:
            self._queue.appendleft(symbol)
        else:
            self._queue.append(symbol)

    def settled(self, symbol: str) -> bool:
        """Say whether the venue has answered for a symbol on this connection, either way."""
        return symbol in self._confirmed or symbol in self._refused

    def confirmed(self, symbol: str) -> PriceScale | None:
        """Return the scale the venue stated on this connection: the only one to send a price with."""
        return self._known[symbol] if symbol in self._confirmed else None

    def scale(self, symbol: str) -> PriceScale | None:
        """Return the best scale for reading: confirmed, or the last known; None when the venue never told."""
        return None if symbol in self._refused else self._known.get(symbol)

    def next_request(self, now_s: float) -> SecurityDefinitionForSymbolRequest | None:
        """Return the next question to send, if it is time for one; gives up on one that is overdue."""
        if self._asked is not None:
            if now_s < self._asked.due_s:
                return None
            self._again(self._asked.symbol, now_s + ASK_AGAIN_AFTER_S)
        symbol = next((one for one in self._queue if self._not_before.get(one, 0.0) <= now_s), None)
        if symbol is None:
            return None
        self._queue.remove(symbol)
        self._asked = _Asked(symbol, next(self._ids), now_s + ANSWER_WITHIN_S)
        return SecurityDefinitionForSymbolRequest(RequestID=self._asked.request_id, Symbol=symbol)

    def on_definition(self, message: Definition) -> list[Instrument]:
        """Take a definition, asked or not; return what is to be reported."""
        reported: list[Instrument] = []
        asked = self._asked
        if asked is not None and message.RequestID == asked.request_id and message.Symbol != asked.symbol:
            reported.append(self._refuse(asked.symbol, "The venue does not know this symbol."))
        if not message.Symbol:
            return reported
        self._done(message.Symbol)
        instrument, multiplier = _read(message)
        if instrument is None:
            self._refusals.note(message, "it defines nothing")
            return [*reported, self._refuse(message.Symbol, "The venue does not know this symbol.")]
        before = self._known.get(message.Symbol)
        self._confirmed.add(message.Symbol)
        self._refused.discard(message.Symbol)
        if before is not None and before.instrument == instrument and before.multiplier == multiplier:
            return reported
        self._known[message.Symbol] = PriceScale(instrument, multiplier)
        return [*reported, instrument]

    def on_refusal(self, message: SecurityDefinitionReject, now_s: float) -> list[Instrument]:
        """Take a refusal; one that names no request means that we asked too quickly."""
        asked = self._asked
        if asked is None or message.RequestID not in (0, asked.request_id):
            return []
        tries = self._hurried.get(asked.symbol, 0)
        if message.RequestID == 0 and tries < TOO_QUICK_TRIES:
            self._hurried[asked.symbol] = tries + 1
            self._again(asked.symbol, now_s + TOO_QUICK_PAUSE_S)
            return []
        return [self._refuse(asked.symbol, message.RejectText or "The venue refused to define this symbol.")]

    def _again(self, symbol: str, not_before_s: float) -> None:
        self._asked = None
        self._not_before[symbol] = not_before_s
        self._queue.append(symbol)

    def _done(self, symbol: str) -> None:
        if self._asked is not None and self._asked.symbol == symbol:
            self._asked = None
        if symbol in self._queue:
            self._queue.remove(symbol)

    def _refuse(self, symbol: str, text: str) -> Instrument:
        self._done(symbol)
        self._confirmed.discard(symbol)
        self._refused.add(symbol)
        return Instrument(symbol=symbol, description=text)


class SymbolWait:
    """Waits until the venue has answered for some symbols, or long enough."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._since_s: float | None = None

    def over(self, symbols: Iterable[str], now_s: float) -> bool:
        """Say whether to go on without waiting; has the symbols asked for that are not settled."""
        missing = [symbol for symbol in sorted(set(symbols)) if not self._definitions.settled(symbol)]
        for symbol in missing:
            self._definitions.want(symbol)
        if self._since_s is None:
            self._since_s = now_s
        return not missing or now_s - self._since_s >= ANSWER_WITHIN_S


def _read(message: Definition) -> tuple[Instrument | None, Decimal]:
    """Return the contract and the price multiplier; no contract when the answer is an empty shell.

    The increment is in shown points already: a server that sends ES 2828.00 as 282800 defines it with multiplier 0.01
    and increment 0.25.
    """
    multiplier = tidy(message.DisplayPriceMultiplier or 1.0)
    increment = tidy(message.MinPriceIncrement or 0.0)
    value = tidy(message.CurrencyValuePerIncrement or 0.0)
    known = bool(increment or message.Description)
    sane = (
        SMALLEST <= multiplier <= LARGEST and (not increment or SMALLEST <= increment <= LARGEST) and value <= LARGEST
    )
    if not known or not sane:
        return None, Decimal(1)
    instrument = Instrument(
        symbol=message.Symbol,
        tick_size=increment or None,
        tick_value=value if value > 0 else None,
        currency=message.Currency,
        description=message.Description,
        quantity_step=_quantity_step(message.IntToFloatQuantityDivisor),
        price_format=message.PriceDisplayFormat,
    )
    return instrument, multiplier


def _quantity_step(divisor: float | None) -> Decimal:
    """Return the smallest quantity: whole quantities divided by 1000 come in steps of 0.001. Only tens are believed."""
    parts = tidy(divisor or 1.0)
    is_ten = 1 < parts <= LARGEST and parts.normalize().as_tuple().digits == (1,)
    return 1 / parts if is_ten else Decimal(1)
