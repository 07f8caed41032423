"""What a working order is to become. Prices in points; a quantity is a total that includes what is filled."""

from dataclasses import dataclass, replace
from decimal import Decimal

from core.model.order import Order


@dataclass(frozen=True, slots=True)
class Terms:
    """What can be changed of an order; None is not asked for and stays as it is."""

    quantity: Decimal | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for."""
        return self.quantity is None and self.price is None and self.trigger_price is None

    def over(self, other: "Terms") -> "Terms":
        """Return these terms, with the other's where nothing is asked for here."""
        return Terms(
            other.quantity if self.quantity is None else self.quantity,
            other.price if self.price is None else self.price,
            other.trigger_price if self.trigger_price is None else self.trigger_price,
        )

    def beside(self, other: "Terms") -> "Terms":
        """Return what of these terms is asked for and differs from the other's."""
        return Terms(
            None if self.quantity == other.quantity else self.quantity,
            None if self.price == other.price else self.price,
            None if self.trigger_price == other.trigger_price else self.trigger_price,
        )


def terms_of(order: Order) -> Terms:
    """Return what the broker confirmed of an order."""
    return Terms(order.quantity, order.price, order.trigger_price)


def changed(order: Order, wanted: Terms) -> Order:
    """Return the order as it would be under other terms; its state and what is filled stay."""
    terms = wanted.over(terms_of(order))
    return replace(
        order,
        quantity=order.quantity if terms.quantity is None else terms.quantity,
        price=terms.price,
        trigger_price=terms.trigger_price,
    )
