"""What stays behind when the program ends, and how far a way out has come. Pure.

Leaving changes nothing at the broker: what is open stays open, what works there goes on working. What only this
program holds ends with it. So everything that may still make or lose money is named, also what nobody has answered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.link import Link
from core.model.bracket import live_quantity
from core.model.instrument import Instrument
from core.model.order import Held, Order, OrderState, OrderType
from core.model.position import Position
from core.model.protection import protection_of
from core.model.scope import AccountKey, Mode, PositionKey
from core.snapshot import Certainty, Snapshot
from panels import formatting as f
from panels.cancel_asking import is_entry

# Of many orders of a kind so many are named.
NAMED = 5
_PROVEN = (Certainty.CONFIRMED, Certainty.FILLS_ONLY)


@dataclass(frozen=True, slots=True)
class Left:
    """What would be left.

    Attributes:
        lines: a sentence for each thing.
        exposed: what is held, in a few words; empty while nothing is.
        entries: those the broker works, which can be cancelled.
        accounts: those in which anything is open or may trade.
    """

    lines: tuple[str, ...] = ()
    exposed: str = ""
    entries: tuple[Order, ...] = ()
    accounts: tuple[AccountKey, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """True when the program can end without a word."""
        return not self.lines


def left_by(snapshot: Snapshot) -> Left:
    """Return what would be left by ending now."""
    alive = [one for one in snapshot.orders.values() if one.is_alive]
    held = _held(snapshot)
    working = [one for one in alive if one.is_working]
    entries = tuple(one for one in working if is_entry(one, snapshot))
    local = [one for one in working if one.held is Held.LOCAL]
    exits = [one for one in working if one.held is Held.SERVER and one not in entries]
    stray = [one for one in exits if one.key not in snapshot.positions and live_quantity(one, snapshot.orders)]
    silent = [one for one in alive if not one.is_working]
    lines = [
        *(_position_line(one, snapshot) for _, one in sorted(snapshot.positions.items())),
        *(_broker_line(key, held[key], snapshot) for key in sorted(held.keys() - snapshot.positions.keys())),
        *_order_line(local, snapshot, "held by this program only, ending with it"),
        *_order_line(stray, snapshot, "working at the broker though nothing is open here"),
        *_order_line(entries, snapshot, "staying at the broker, where it may open a position"),
        *_order_line(
            silent, snapshot, "without an answer: it may work or be filled. The broker is asked at the next start"
        ),
        *_closes(snapshot),
    ]
    accounts = {one.key.account_key for one in alive} | {key.account_key for key in held}
    exposed = ", ".join(f"{f.held(held[key], _instrument(key, snapshot))} {key.symbol}" for key in sorted(held))
    return Left(tuple(lines), exposed, entries, tuple(sorted(accounts)))


def not_flat(snapshot: Snapshot, accounts: Iterable[AccountKey], scopes: Iterable[PositionKey]) -> tuple[str, ...]:
    """Return what speaks against accounts being flat, a sentence each; nothing when it is proven.

    Args:
        scopes: in which something was open or worked: the broker's word on each is wanted.
    """
    mine = frozenset(accounts)
    keys = {*_held(snapshot), *(one.key for one in snapshot.orders.values() if one.is_alive)}
    keys |= {key for key, one in snapshot.operations.items() if one.blocks_close}
    keys = {key for key in keys if key.account_key in mine}
    return (*(_open_line(key, snapshot) for key in sorted(keys)), *_unproven(snapshot, set(scopes) - keys))


def scopes_of(snapshot: Snapshot, accounts: Iterable[AccountKey]) -> frozenset[PositionKey]:
    """Return the scopes of accounts in which anything is open or may trade."""
    mine = frozenset(accounts)
    keys = {*_held(snapshot), *(one.key for one in snapshot.orders.values() if one.is_alive)}
    return frozenset(key for key in keys if key.account_key in mine)


def order_words(order: Order, snapshot: Snapshot) -> str:
    """Return an order in words: "BUY 1 LIMIT 4900.00 ESZ5"."""
    instrument = _instrument(order.key, snapshot)
    at = order.price if order.type is OrderType.LIMIT else order.trigger_price
    price = "" if order.type is OrderType.MARKET else f" {f.price(at, instrument)}"
    kind = order.type.value.replace("_", " ")
    return f"{order.side.value} {f.quantity(order.remaining, instrument)} {kind}{price} {order.key.symbol}"


def _held(snapshot: Snapshot) -> dict[PositionKey, Decimal]:
    """Return what is open, by our books or else by the broker's word."""
    held = {key: one.broker_quantity for key, one in snapshot.scopes.items() if one.broker_quantity}
    return {**held, **{key: one.quantity for key, one in snapshot.positions.items()}}


def _position_line(position: Position, snapshot: Snapshot) -> str:
    key = position.key
    instrument = _instrument(key, snapshot)
    scope = snapshot.scopes.get(key)
    sure = "" if scope is not None and scope.certainty in _PROVEN else ", not confirmed by the broker"
    exits = protection_of(position, [one for one in snapshot.orders.values() if one.held is Held.SERVER])
    parts = [
        f"{word} for {f.quantity(quantity, instrument)}"
        for word, quantity in (("a stop", exits.stop_quantity), ("a target", exits.target_quantity))
        if quantity
    ]
    stay = [f"{' and '.join(parts)} {'stay' if len(parts) > 1 else 'stays'} at the broker"] if parts else []
    bare = exits.unprotected(position)
    bare_words = [f"{f.quantity(bare, instrument)} unprotected"] if bare else []
    account = f"{key.account}, {_mode(key.account_key, snapshot)}"
    covered = ", ".join([*stay, *bare_words])
    return f"{key.symbol} {f.held(position.quantity, instrument)} ({account}{sure}) stays open: {covered}."


def _broker_line(key: PositionKey, quantity: Decimal, snapshot: Snapshot) -> str:
    held = f.held(quantity, _instrument(key, snapshot))
    account = f"{key.account}, {_mode(key.account_key, snapshot)}"
    return f"{key.symbol} {held} ({account}) is what the broker holds; it is not in the books here."


def _order_line(orders: Iterable[Order], snapshot: Snapshot, what: str) -> Iterator[str]:
    words = [order_words(each, snapshot) for each in orders]
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    if words:
        yield f"{', '.join(words[:NAMED])}{more}: {what}."


def _closes(snapshot: Snapshot) -> Iterator[str]:
    for key, operation in sorted(snapshot.operations.items()):
        if operation.blocks_close:
            yield f"The close of {key.symbol} ({key.account}) is not over: it is taken up at the next start."


def _open_line(key: PositionKey, snapshot: Snapshot) -> str:
    position, scope, operation = snapshot.positions.get(key), snapshot.scopes.get(key), snapshot.operations.get(key)
    quantity = position.quantity if position is not None else None if scope is None else scope.broker_quantity
    alive = [one for one in snapshot.orders.values() if one.key == key and one.is_alive]
    unknown = sum(one.state is OrderState.UNKNOWN for one in alive)
    parts = [
        f"{f.held(quantity, _instrument(key, snapshot))} is open" if quantity else "",
        f"{len(alive) - unknown} working" if len(alive) > unknown else "",
        f"{unknown} of unknown outcome" if unknown else "",
        operation.text if operation is not None and not operation.is_settled else "",
    ]
    return f"{key.symbol} ({key.account}): {', '.join(part for part in parts if part)}".rstrip(".") + "."


def _unproven(snapshot: Snapshot, scopes: Iterable[PositionKey]) -> Iterator[str]:
    for key in sorted(scopes):
        line, scope = snapshot.connections.get(key.connection), snapshot.scopes.get(key)
        if line is None or line.link is not Link.READY:
            yield f"{key.symbol} ({key.account}): the line {key.connection} is not ready, so flat is not proven."
        elif scope is None or scope.certainty not in _PROVEN or scope.broker_quantity:
            yield f"{key.symbol} ({key.account}): the broker has not confirmed flat yet."


def _mode(key: AccountKey, snapshot: Snapshot) -> str:
    account = snapshot.accounts.get(key)
    return (Mode.LIVE if account is None else account.acting_mode).value


def _instrument(key: PositionKey, snapshot: Snapshot) -> Instrument | None:
    return snapshot.instruments.get((key.connection, key.symbol))
