"""The position on show as one sentence for the ear: side, quantity, average, open P&L, stop, certainty. Pure."""

from decimal import Decimal

from core.model.instrument import Instrument
from core.model.order import Order
from core.model.position import Position
from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import Shown, protection, shown_in

NO_STOP = "no stop works"


def position_aloud(snapshot: Snapshot) -> str:
    """Return what is said of the scope on show; figures that are not known are called unknown."""
    shown = shown_in(snapshot)
    if shown.account_key is None:
        return "No account yet."
    if shown.key is None:
        return f"Account {shown.account_key.account}, {shown.mode_word}. No symbol is on show."
    place = f"{shown.key.symbol}, account {shown.key.account}, {shown.mode_word}"
    parts = [_flat(shown)] if shown.position is None else _held(snapshot, shown, shown.position)
    return f"{place}: {'; '.join(parts)}."


def _flat(shown: Shown) -> str:
    if shown.is_known_flat and shown.link_alive:
        return f"flat, {_certainty(shown)}"
    return f"position unknown, {_certainty(shown)}"


def _held(snapshot: Snapshot, shown: Shown, position: Position) -> list[str]:
    contract = shown.instrument
    held = f.held(position.quantity, contract).lower()
    exits = protection(snapshot, position)
    bare = exits.unprotected(position) if exits.stop is not None else Decimal(0)
    return [
        f"{held} at {_spoken(f.average(position.entry_price, contract))}",
        f"open {_pnl(shown)}",
        _exit("stop", exits.stop, position, contract) if exits.stop is not None else NO_STOP,
        *([f"{f.quantity(bare, contract)} unprotected"] if bare else []),
        *([_exit("target", exits.target, position, contract)] if exits.target is not None else []),
        _certainty(shown),
    ]


def _pnl(shown: Shown) -> str:
    last = None if shown.quote is None else shown.quote.last
    worth = shown.worth
    words = "P and L unknown"
    if worth is not None and worth.pnl is not None:
        words = worth.spoken("" if shown.account is None else shown.account.currency)
    return words if last is None else f"{words}, last {_spoken(f.price(last, shown.instrument))}"


def _exit(word: str, order: Order, position: Position, contract: Instrument | None) -> str:
    price = order.trigger_price if order.trigger_price is not None else order.price
    amount = "" if order.remaining == abs(position.quantity) else f" for {f.quantity(order.remaining, contract)}"
    return f"{word}{amount} at {_spoken(f.price(price, contract))}, held by {_holder(order)}"


def _holder(order: Order) -> str:
    return "this program" if order.held.value == "LOCAL" else "the server"


def _certainty(shown: Shown) -> str:
    words = shown.certainty.value.lower()
    return f"{words}, not saved yet" if shown.unsaved else words


def _spoken(text: str) -> str:
    return "unknown" if text == f.UNKNOWN else text.replace(f.MINUS, "minus ")
