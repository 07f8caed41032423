"""Faults on command: verbs that make the simulator misbehave, for tests of the terminal.

In the process: `SimulatorServer.control(verb, **arguments)`. From outside, with `control_file` on: append one JSON
object per line to `control.jsonl` in the data folder, such as `{"id": "7", "verb": "reject", "count": 2}`. The file is
looked at about every 50 ms; lines written before the simulator started are ignored. For each line one JSON object is
appended to `control.done`: `{"id": "7", "ok": true, "result": {…}}`, or `"ok": false` with an `"error"` text.

    verb                arguments (default), and effect
    drop                reset (false): close every client's connection without a logoff; with a TCP reset
    logoff              reason, do_not_reconnect (false): say goodbye to every client
    silent              on (true): half-open: stop reading, writing and accepting, keep the sockets
    refuse_connections  on (true): close new connections at once
    refuse_logon        count (1), text, result (2): refuse the next logons
    reject              count (1), text: refuse the next orders
    hold_acks           ms (until changed): hold back order, position and account messages; 0 lets all go
    hold_fills          on (true): nothing matches until released
    cancel_ack          on (false), effect (false): off, cancels are not answered; with effect they work all the same
    mute                types, count (1), skip (0): do not send the next messages of each of these numbers
    duplicate           types, count (1), skip (0): send the next messages of each of these numbers twice
    freeze              on (true): no market events while time passes
    halt                symbol, on (true): trading in it is halted: nothing is quoted, printed or filled, orders rest;
                        off, it goes on where the market is then
    feed_down           on (true), symbol (all): the server's own market data is gone: clients are told and hear no more
                        prices, while trading goes on; off, clients have to subscribe again
    fill_now            server_order_id or client_order_id, quantity (the rest), price (its limit, else the last):
                        force a fill, also while nobody is connected
    set_position        account, symbol, quantity, price (the last), with_fills (true), quiet (false): a trade of
                        another platform; without fills the position just changes; quiet, clients are not told
    latency             ms (0): market time from a request to its effect, from now on
    reset_account       account: begin an account anew with its first cash, an evaluation with its first floor; only a
                        flat one without working orders
    forget_orders       fills (false): lose all orders, and the fill history
    state               nothing changes; returns lines, running, last, accounts, orders, positions, evaluations, fills

Quantity and price may be JSON numbers or text. What a verb does to orders, positions and money happens as by any other
cause: committed first, then told to whoever is connected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from services.dtc.enums import LogonStatusEnum
from services.simulator.accounts import Position, account_to_row, fill_to_row, position_to_row
from services.simulator.errors import BadControl
from services.simulator.evaluation import evaluation_to_row
from services.simulator.faults import LineFaults, Picked
from services.simulator.orders import Order, order_to_row
from services.simulator.reports import Report
from services.simulator.requests import OrderName
from services.simulator.venue import Venue

Result = dict[str, Any]


class Switchboard(Protocol):
    """What the server lets the control do to its lines."""

    def drop_lines(self, reset: bool) -> None:
        """Close every client's connection."""

    def log_off_lines(self, reason: str, do_not_reconnect: bool) -> None:
        """Say goodbye to every client."""

    def set_silent(self, on: bool) -> None:
        """Stop or resume reading, writing and accepting."""

    def tell_all(self, reports: list[Report]) -> None:
        """Send reports to every client."""

    def tell_feed(self, symbols: Iterable[str], is_up: bool, whole: bool) -> None:
        """Tell every client that market data went or came back."""

    def tell_figures(self) -> None:
        """Send every client what has changed in the sessions it subscribed to."""

    def count_lines(self) -> int:
        """Return how many clients are logged on."""


class Control:
    """Carries out control verbs; the server's thread uses it. A verb is the rest of the name of a `_do_` method."""

    def __init__(self, venue: Venue, faults: LineFaults, lines: Switchboard) -> None:
        self._venue = venue
        self._faults = faults
        self._lines = lines
        self._verbs: Mapping[str, Callable[..., Result | None]] = {
            verb.__name__.removeprefix("_do_"): verb
            for verb in (
                self._do_drop,
                self._do_logoff,
                self._do_silent,
                self._do_refuse_connections,
                self._do_refuse_logon,
                self._do_reject,
                self._do_hold_acks,
                self._do_hold_fills,
                self._do_cancel_ack,
                self._do_mute,
                self._do_duplicate,
                self._do_freeze,
                self._do_halt,
                self._do_feed_down,
                self._do_fill_now,
                self._do_set_position,
                self._do_latency,
                self._do_reset_account,
                self._do_forget_orders,
                self._do_state,
            )
        }

    @property
    def verbs(self) -> list[str]:
        """The verbs there are."""
        return list(self._verbs)

    def apply(self, verb: str, arguments: Mapping[str, Any]) -> Result:
        """Carry out a verb.

        Raises:
            BadControl: unknown verb, or arguments that make no sense.
        """
        do = self._verbs.get(verb)
        if do is None:
            raise BadControl(f"{verb!r} is not a control verb, expected one of {', '.join(self._verbs)}")
        try:
            return do(**arguments) or {}
        except (TypeError, ValueError, KeyError) as error:
            raise BadControl(f"{verb}: {error}") from error

    def _do_drop(self, reset: bool = False) -> None:
        self._lines.drop_lines(reset)

    def _do_logoff(self, reason: str = "The server goes away", do_not_reconnect: bool = False) -> None:
        self._lines.log_off_lines(reason, do_not_reconnect)

    def _do_silent(self, on: bool = True) -> None:
        self._lines.set_silent(on)

    def _do_refuse_connections(self, on: bool = True) -> None:
        self._faults.refuse_connections = on

    def _do_refuse_logon(self, count: int = 1, text: str = "Logon refused", result: int = 2) -> None:
        self._faults.refuse_logons, self._faults.logon_text = count, text
        self._faults.logon_result = LogonStatusEnum(result)

    def _do_reject(self, count: int = 1, text: str = "Refused by the broker") -> None:
        faults = self._venue.broker.faults
        faults.refuse_next, faults.refuse_text = count, text

    def _do_hold_acks(self, ms: float | None = None) -> None:
        self._faults.ack_delay_s = math.inf if ms is None else ms / 1_000

    def _do_hold_fills(self, on: bool = True) -> None:
        self._lines.tell_all(self._venue.broker.hold_fills(on, self._venue.now_us))

    def _do_cancel_ack(self, on: bool = False, effect: bool = False) -> None:
        faults = self._venue.broker.faults
        faults.answers_cancels, faults.swallowed_cancels_work = on, effect

    def _do_mute(self, types: list[int], count: int = 1, skip: int = 0) -> None:
        self._faults.mute.update({number: Picked(count, skip) for number in types})

    def _do_duplicate(self, types: list[int], count: int = 1, skip: int = 0) -> None:
        self._faults.duplicate.update({number: Picked(count, skip) for number in types})

    def _do_freeze(self, on: bool = True) -> None:
        self._venue.frozen = on

    def _do_halt(self, symbol: str, on: bool = True) -> None:
        if symbol not in self._venue.tape.symbols:
            raise BadControl(f"halt: symbol {symbol} is unknown")
        self._venue.halt(symbol, on)
        self._lines.tell_figures()

    def _do_feed_down(self, on: bool = True, symbol: str = "") -> None:
        known = self._venue.tape.symbols
        if symbol and symbol not in known:
            raise BadControl(f"feed_down: symbol {symbol} is unknown")
        if not symbol:
            self._faults.feed_down = on
        elif on:
            self._faults.feeds_down.add(symbol)
        else:
            self._faults.feeds_down.discard(symbol)
        self._lines.tell_feed([symbol] if symbol else list(known), is_up=not on, whole=not symbol)

    def _do_fill_now(
        self, server_order_id: str = "", client_order_id: str = "", quantity: Any = None, price: Any = None
    ) -> Result:
        name, broker = OrderName(server_order_id, client_order_id), self._venue.broker
        order = broker.find_order(name)
        if order is None:
            raise BadControl(f"fill_now: order {name} is unknown")
        count = order.quantity - order.filled if quantity is None else _decimal("quantity", quantity)
        paid = self._default_price(order) if price is None else _decimal("price", price)
        if count <= 0:
            raise BadControl(f"fill_now: quantity {count} is not greater than zero")
        self._lines.tell_all(broker.fill_now(OrderName(order.server_order_id), count, paid, self._venue.now_us))
        return {"server_order_id": order.server_order_id}

    def _do_set_position(
        self,
        account: str,
        symbol: str,
        quantity: Any,
        price: Any = None,
        with_fills: bool = True,
        quiet: bool = False,
    ) -> None:
        last = self._venue.broker.last_prices()
        if symbol not in last or self._venue.records.accounts.get(account) is None:
            raise BadControl(f"set_position: account {account} or symbol {symbol} is unknown")
        count, paid = _decimal("quantity", quantity), last[symbol] if price is None else _decimal("price", price)
        now_us = self._venue.now_us
        target = Position(account, symbol, count, count * paid, now_us if count else 0)
        reports = self._venue.broker.trade_elsewhere(target, paid, now_us, with_fills)
        if not quiet:
            self._lines.tell_all(reports)

    def _do_latency(self, ms: float = 0) -> None:
        if not 0 <= ms < math.inf:
            raise BadControl(f"latency: {ms} ms cannot be used; expected 0 or more")
        self._venue.broker.latency_us = int(ms * 1_000)

    def _do_reset_account(self, account: str) -> None:
        self._lines.tell_all(self._venue.broker.reset_account(account, self._venue.now_us))

    def _do_forget_orders(self, fills: bool = False) -> None:
        self._lines.tell_all(self._venue.broker.forget_orders(fills, self._venue.now_us))

    def _do_state(self) -> Result:
        records = self._venue.records
        return {
            "lines": self._lines.count_lines(),
            "running": self._venue.running,
            "last": {symbol: str(price) for symbol, price in self._venue.broker.last_prices().items()},
            "accounts": [account_to_row(each) for each in records.accounts],
            "orders": [order_to_row(each) for each in records.orders],
            "positions": [position_to_row(each) for each in records.positions],
            "evaluations": [evaluation_to_row(each) for each in records.evaluations],
            "fills": [fill_to_row(each) for each in records.fills],
        }

    def _default_price(self, order: Order) -> Decimal:
        return order.limit_price or self._venue.broker.last_prices()[order.symbol]


def _decimal(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise BadControl(f"{name} {value!r} is not a number") from error
    if not number.is_finite():
        raise BadControl(f"{name} {value!r} is not a finite number")
    return number
