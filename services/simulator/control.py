"""Faults on command: verbs that make the simulator misbehave, for tests of the terminal.

In the process: `SimulatorServer.control(verb, **arguments)`. From outside, with `control_file` on: append one JSON
object per line to `control.jsonl` in the data folder, such as `{"id": "7", "verb": "reject", "count": 2}`. The file is
looked at about every 50 ms; lines written before the simulator started are ignored. For each line one JSON object is
appended to `control.done`: `{"id": "7", "ok": true, "result": {…}}`, or `"ok": false` with an `"error"` text.

    verb                arguments (default), and effect
    drop                reset (false): close every client's connection without a logoff; with a TCP reset
    half_open           on (true): stop reading, writing and accepting, keep the sockets
    restart             ms (1000), memory (true): settle what was received, close every connection, be away for ms of
                        the wall clock, in which connections are closed at once; without memory it comes back with
                        its positions and money, but no order and no fill of before
    logoff              reason, do_not_reconnect (false): say goodbye to every client
    refuse_connections  on (true): close new connections at once
    refuse_logon        count (1), text, result (2): refuse the next logons
    reject              count (1), text: refuse the next orders
    reject_stop         count (1), text: accept the next protective stops (of a bracket, of a pair, or against what is
                        held), and reject them 200 ms of market time later
    reject_child        count (1), which (stop; target or both), text: take the entry of the next brackets and refuse
                        these of its exits
    no_oco              on (true): an exit or one of two linked orders that fills leaves the others as they are
    delay               ms, types (all): hold back every message, or those of these types; 0 lets them go. What the
                        session says by itself, logon and heartbeat, is not held back
    hold_acks           ms (until changed): hold back order, position and account messages; 0 lets all go
    hold_fills          on (true): nothing matches until released
    cancel_ack          on (false), effect (false): off, cancels are not answered; with effect they work all the same
    mute                types, count (1), skip (0), unasked (false): do not send the next messages of each of these
                        types; unasked, only such as answer no request are counted
    duplicate           types, count (1), skip (0), unasked (false): send the next of each of these types twice
    reorder             types, behind (1), count (1), skip (0), unasked (false): send the next of each of these types
                        after the next `behind` others to the same client, or after five seconds. A message about
                        orders, positions or money waits for others about them, one about the market for others
                        about it. A line keeps the order of what is sent into it: the server says it in another
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
                        flat one without working orders; returns its cash
    forget_orders       fills (false): lose all orders, and the fill history
    state               nothing changes; returns lines, running, last, accounts, orders, positions, evaluations, fills

A verb may be written with hyphens. Quantity and price may be JSON numbers or text; types are numbers of messages or
names such as ORDER_UPDATE (which arguments there are, and what they may be: `fault_switches`). `silent` is the former
name of half_open. What a verb does to orders, positions and money happens as by any other cause: committed first, then
told to whoever is connected.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol

from services.dtc.enums import LogonStatusEnum
from services.simulator.accounts import Position, account_to_row, fill_to_row, position_to_row
from services.simulator.broker_faults import EXITS
from services.simulator.errors import BadControl
from services.simulator.evaluation import evaluation_to_row
from services.simulator.fault_switches import VERBS, read_arguments, underscored
from services.simulator.faults import LineFaults, Picked
from services.simulator.orders import Order, order_to_row
from services.simulator.reports import Report
from services.simulator.requests import OrderName
from services.simulator.venue import Venue

Result = dict[str, Any]

_FORMER_NAMES: Final = {"silent": "half_open"}


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
    """Carries out control verbs; the server's thread uses it. What a verb takes is in `fault_switches.VERBS`."""

    def __init__(
        self, venue: Venue, faults: LineFaults, lines: Switchboard, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Switch the faults of a venue and its lines.

        Args:
            clock: monotonic seconds.
        """
        self._clock = clock
        self._venue = venue
        self._faults = faults
        self._lines = lines
        self._verbs: Mapping[str, Callable[..., Result | None]] = {
            "drop": self._drop,
            "half_open": self._half_open,
            "restart": self._restart,
            "logoff": self._logoff,
            "refuse_connections": self._refuse_connections,
            "refuse_logon": self._refuse_logon,
            "delay": self._delay,
            "duplicate": self._duplicate,
            "reorder": self._reorder,
            "mute": self._mute,
            "reject": self._reject,
            "reject_stop": self._reject_stop,
            "reject_child": self._reject_child,
            "no_oco": self._no_oco,
            "hold_acks": self._hold_acks,
            "hold_fills": self._hold_fills,
            "cancel_ack": self._cancel_ack,
            "latency": self._latency,
            "forget_orders": self._forget_orders,
            "freeze": self._freeze,
            "feed_down": self._feed_down,
            "halt": self._halt,
            "fill_now": self._fill_now,
            "set_position": self._set_position,
            "reset_account": self._reset_account,
            "state": self._state,
        }

    def apply(self, verb: str, arguments: Mapping[str, Any]) -> Result:
        """Carry out a verb.

        Raises:
            BadControl: unknown verb, or arguments that make no sense.
        """
        name = underscored(_FORMER_NAMES.get(verb, verb))
        if name not in VERBS:
            raise BadControl(f"{verb!r} is not a control verb, expected one of {', '.join(VERBS)}")
        try:
            read = read_arguments(name, VERBS[name], arguments)
        except ValueError as error:
            raise BadControl(str(error)) from error
        try:
            return self._verbs[name](**read) or {}
        except (ValueError, KeyError) as error:
            raise BadControl(f"{name}: {error}") from error

    def _drop(self, reset: bool = False) -> None:
        self._lines.drop_lines(reset)

    def _logoff(self, reason: str = "The server goes away", do_not_reconnect: bool = False) -> None:
        self._lines.log_off_lines(reason, do_not_reconnect)

    def _half_open(self, on: bool = True) -> None:
        self._lines.set_silent(on)

    def _restart(self, ms: float = 1_000, memory: bool = True) -> None:
        self._lines.drop_lines(reset=False)
        self._venue.rest()
        if not memory:
            self._venue.broker.forget_orders(True, self._venue.now_us)
        self._faults.back_at = self._clock() + ms / 1_000

    def _refuse_connections(self, on: bool = True) -> None:
        self._faults.refuse_connections = on

    def _refuse_logon(
        self, count: int = 1, text: str = "Logon refused", result: LogonStatusEnum = LogonStatusEnum.LOGON_ERROR
    ) -> None:
        self._faults.refuse_logons, self._faults.logon_text = count, text
        self._faults.logon_result = result

    def _reject(self, count: int = 1, text: str = "Refused by the broker") -> None:
        faults = self._venue.broker.faults
        faults.refuse_next, faults.refuse_text = count, text

    def _reject_stop(self, count: int = 1, text: str = "Stop rejected by the exchange") -> None:
        faults = self._venue.broker.faults
        faults.reject_stops, faults.stop_text = count, text

    def _reject_child(self, count: int = 1, which: str = EXITS[0], text: str = "Exit refused by the broker") -> None:
        faults = self._venue.broker.faults
        faults.refuse_children, faults.which, faults.child_text = count, which, text

    def _no_oco(self, on: bool = True) -> None:
        self._venue.broker.honour_links(not on)

    def _delay(self, ms: float, types: list[int] | None = None) -> None:
        if types is None:
            self._faults.delay_s = ms / 1_000
            self._faults.delays_s.clear()
        else:
            self._faults.delays_s.update(dict.fromkeys(types, ms / 1_000))

    def _hold_acks(self, ms: float | None = None) -> None:
        self._faults.ack_delay_s = math.inf if ms is None else ms / 1_000

    def _hold_fills(self, on: bool = True) -> None:
        self._lines.tell_all(self._venue.broker.hold_fills(on, self._venue.now_us))

    def _cancel_ack(self, on: bool = False, effect: bool = False) -> None:
        faults = self._venue.broker.faults
        faults.answers_cancels, faults.swallowed_cancels_work = on, effect

    def _mute(self, types: list[int], count: int = 1, skip: int = 0, unasked: bool = False) -> None:
        self._faults.mute.update({number: Picked(count, skip, unasked) for number in types})

    def _duplicate(self, types: list[int], count: int = 1, skip: int = 0, unasked: bool = False) -> None:
        self._faults.duplicate.update({number: Picked(count, skip, unasked) for number in types})

    def _reorder(self, types: list[int], behind: int = 1, count: int = 1, skip: int = 0, unasked: bool = False) -> None:
        self._faults.reorder.update({number: Picked(count, skip, unasked, behind) for number in types})

    def _freeze(self, on: bool = True) -> None:
        self._venue.frozen = on

    def _halt(self, symbol: str, on: bool = True) -> None:
        if symbol not in self._venue.tape.symbols:
            raise BadControl(f"halt: symbol {symbol} is unknown")
        self._venue.halt(symbol, on)
        self._lines.tell_figures()

    def _feed_down(self, on: bool = True, symbol: str = "") -> None:
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

    def _fill_now(
        self,
        server_order_id: str = "",
        client_order_id: str = "",
        quantity: Decimal | None = None,
        price: Decimal | None = None,
    ) -> Result:
        name, broker = OrderName(server_order_id, client_order_id), self._venue.broker
        order = broker.find_order(name)
        if order is None:
            raise BadControl(f"fill_now: order {name} is unknown")
        count = order.quantity - order.filled if quantity is None else quantity
        paid = self._default_price(order) if price is None else price
        if count <= 0:
            raise BadControl(f"fill_now: quantity {count} is not greater than zero")
        self._lines.tell_all(broker.fill_now(OrderName(order.server_order_id), count, paid, self._venue.now_us))
        return {"server_order_id": order.server_order_id}

    def _set_position(
        self,
        account: str,
        symbol: str,
        quantity: Decimal,
        price: Decimal | None = None,
        with_fills: bool = True,
        quiet: bool = False,
    ) -> None:
        last = self._venue.broker.last_prices()
        if symbol not in last or self._venue.records.accounts.get(account) is None:
            raise BadControl(f"set_position: account {account} or symbol {symbol} is unknown")
        now_us, paid = self._venue.now_us, last[symbol] if price is None else price
        target = Position(account, symbol, quantity, quantity * paid, now_us if quantity else 0)
        reports = self._venue.broker.trade_elsewhere(target, paid, now_us, with_fills)
        if not quiet:
            self._lines.tell_all(reports)

    def _latency(self, ms: float = 0) -> None:
        self._venue.broker.latency_us = int(ms * 1_000)

    def _reset_account(self, account: str) -> Result:
        self._lines.tell_all(self._venue.broker.reset_account(account, self._venue.now_us))
        begun = self._venue.records.accounts.get(account)
        assert begun is not None
        return {"cash": str(begun.cash)}

    def _forget_orders(self, fills: bool = False) -> None:
        self._lines.tell_all(self._venue.broker.forget_orders(fills, self._venue.now_us))

    def _state(self) -> Result:
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
