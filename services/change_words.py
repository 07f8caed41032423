"""What is said of a change of an order: pure."""

from decimal import Decimal

from core.model.instrument import Instrument
from core.model.order import Order
from core.model.order_change import Terms, terms_of
from core.snapshot import Snapshot

# How the reason of an order begins while a change of it is under way.
ASKED = "Asked for"


def asked_for(order: Order, wanted: Terms, snapshot: Snapshot) -> str:
    """Return what is asked for that the order is not yet: "Asked for trigger 5046.00"."""
    new, instrument = wanted.beside(terms_of(order)), _instrument(order, snapshot)
    parts = [
        "" if new.quantity is None else f"quantity {new.quantity:f}",
        "" if new.price is None else f"price {instrument.written(new.price)}",
        "" if new.trigger_price is None else f"trigger {instrument.written(new.trigger_price)}",
    ]
    return f"{ASKED} {', '.join(part for part in parts if part)}"


def named(order: Order, snapshot: Snapshot) -> str:
    """Return which order is meant: "SELL 2 ESZ6 STOP 5045.25"."""
    prices = (order.trigger_price, order.price)
    return " ".join([_bare(order), *(_written(one, order, snapshot) for one in prices if one is not None)])


def _bare(order: Order) -> str:
    return f"{order.side.value} {order.quantity:f} {order.key.symbol} {order.type.value.replace('_', ' ')}"


def _written(price: Decimal, order: Order, snapshot: Snapshot) -> str:
    return _instrument(order, snapshot).written(price)


def _instrument(order: Order, snapshot: Snapshot) -> Instrument:
    return snapshot.instruments.get((order.key.connection, order.key.symbol)) or Instrument(order.key.symbol)
