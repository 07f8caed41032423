"""One connection made flat by a panic process: without engine, database or window, on the broker's word alone.

    log on, under another name than the terminal's
    read the accounts, the open orders, the positions
    cancel every order that works; at most 4 s for the answers, asked again after 2 s
    read the positions afresh; one market order for each that is not zero, for exactly that quantity
    read again until everything is explicitly flat, or say what is not known

**Nothing is sent twice.** Each cancel and each order is on the disk (`panic.jsonl`) before its bytes leave. A run never
sends a second order for a scope. A run after one that was killed sends nothing of what that one recorded: it reads the
broker, who either has the order (then it is cancelled first, or its fill is in the position) or never got it (then the
position is what it was). An order of the last five seconds is given that long to arrive before anything is read.

**Nothing is overshot.** What is sent is what the broker said just before: a fill or a position that arrives between the
reading and the sending makes it read again. A figure that contradicts the fills seen may lag behind them: it is read
again for two seconds, and then the smaller of the two counts; what is open beyond it is named by the verification. An
order that would not be cancelled and may close the position itself is never doubled (`book.closing`).

**Two connections to one account.** Accounts of one name may be one account. Their errands go one after the other, so
that the second reads what the first has closed.

**Against a terminal that acts as well.** A panic that acts alone has claimed its connections before it dials, and no
terminal hands an order to a line that is claimed (`gate`). What a terminal handed over before is at the broker before
our logon is answered, so we see it: as an order we cancel, or as a fill. The one case that no client can exclude is an
order that lies in a stuck connection and arrives after everything was read; the verification at the end would show it,
and a second panic would close it.
"""

from collections.abc import Callable
from contextlib import closing as closed_after
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final

from core.broker_report import OrderReport
from core.clock import Clock
from core.errors import PersistenceError, TerminalError
from core.model.order import Intent, Order, OrderType
from core.model.order_ids import OrderIds
from core.model.scope import PositionKey
from core.ports import Checkpoint, passing
from services.dtc.address import ConnectionSettings
from services.dtc.batch import Batch
from services.dtc.messages.accounts import TradeAccountResponse, TradeAccountsRequest
from services.dtc.messages.base import Message
from services.dtc.messages.order_entry import CancelOrder
from services.dtc.messages.trading import CurrentPositionsRequest, OpenOrdersRequest, OrderUpdate, PositionUpdate
from services.dtc.order_wire import submission
from services.dtc.refusal import Refused
from services.dtc.translate import Translator
from services.dtc.visit import Visit, dialed
from services.panic.book import Book, Closing, closing, described, surely_open, written
from services.panic.record import CANCEL, ORDER, Record
from services.panic.turns import Turns

CLIENT_NAME: Final = "Stanchion panic"
FAREWELL: Final = "The panic is over."
LOGON_WITHIN_S: Final = 8.0
ANSWER_WITHIN_S: Final = 5.0
CANCEL_AGAIN_S: Final = 2.0
CANCEL_WITHIN_S: Final = 4.0
FILL_WITHIN_S: Final = 10.0
FLAT_WITHIN_S: Final = 5.0
# Longer than an errand takes that is not stuck.
TURN_WITHIN_S: Final = 40.0
ON_ITS_WAY: Final = timedelta(seconds=5)
_APART_S: Final = 0.5
_TURN_APART_S: Final = 0.05
# A position that contradicts the fills seen is read so often before the smaller figure is taken.
_PATIENCE: Final = 4
_READINGS: Final = 8


@dataclass(frozen=True, slots=True)
class Tools:
    """What every errand of one panic shares.

    Attributes:
        accounts: the only ones meant; empty means all.
        record: where each step is written first; None when the disk refused it.
        last_order_at: when an earlier panic last recorded an order, aware UTC.
        say: tells the person what happens; any thread.
        turns: with accounts that several connections carry.
    """

    clock: Clock
    ids: OrderIds
    accounts: tuple[str, ...]
    record: Record | None
    say: Callable[[str], None]
    last_order_at: datetime | None = None
    reached: Checkpoint = passing
    turns: Turns = field(default_factory=Turns)


@dataclass(slots=True)
class Outcome:
    """What came of one connection.

    Attributes:
        accounts: those looked at. cancelled, closed: how many orders and positions.
        left: what is open, works, or is not known; empty when all is flat.
        finished: the errand came to its end; what it could not do is in `left`.
    """

    connection: str
    accounts: tuple[str, ...] = ()
    cancelled: int = 0
    closed: int = 0
    left: list[str] = field(default_factory=list)
    finished: bool = False


class Errand:
    """Makes one connection flat, once."""

    def __init__(self, settings: ConnectionSettings, password: str, tools: Tools) -> None:
        self._settings = settings
        self._password = password
        self._tools = tools
        self._clock = tools.clock
        self._numbers = count(1)
        self._translator = Translator(settings.slug, self._numbers)
        self._book = Book()
        self._batches: list[Batch] = []
        self._sent: dict[str, Closing] = {}
        self._outcome = Outcome(settings.slug)
        self._record_refused = False

    def run(self) -> Outcome:
        """Do it all; whatever goes wrong is in the outcome's words."""
        try:
            with closed_after(dialed(self._settings, ANSWER_WITHIN_S)) as connected:
                self._visit = Visit(connected, self._settings, self._password, self._clock, CLIENT_NAME, self._take)
                self._visit.log_on(LOGON_WITHIN_S, self._clock.monotonic() + LOGON_WITHIN_S)
                self._tools.reached("panic.logged_on")
                self._make_flat()
                self._visit.leave(FAREWELL)
        except TerminalError as error:
            self._left(f"{error} What is open or works there is not known.")
            for name, order in self._sent.items():
                if not self._book.ended(name):
                    self._left(f"{_worded(order)} was sent; what became of it is not known.")
        self._outcome.finished = True
        return self._outcome

    def _make_flat(self) -> None:
        accounts = self._accounts()
        if accounts is None:
            self._left("The broker did not say which accounts there are; what is open there is not known.")
            return
        self._outcome.accounts = accounts
        mine = self._wait_for_turn(accounts)
        try:
            self._let_arrive()
            before = self._positions(accounts)
            self._cancel(accounts)
            self._close(accounts, before)
            self._verify(accounts)
        finally:
            if mine:
                self._tools.turns.give_back(accounts)
        self._tools.reached("panic.verified")

    # -- steps ------------------------------------------------------------------------------------------------------

    def _wait_for_turn(self, accounts: tuple[str, ...]) -> bool:
        """Wait while another errand is at an account of that name, which may be the same; say whether it is ours now.

        One that is stuck does not keep this one from getting flat: what it sent is at the broker by then.
        """
        due_s = self._clock.monotonic() + TURN_WITHIN_S
        while not self._tools.turns.take(accounts):
            if self._clock.monotonic() > due_s:
                return False
            self._visit.until(lambda: False, self._clock.monotonic() + _TURN_APART_S)
        return True

    def _let_arrive(self) -> None:
        """Wait for what an earlier panic may have sent just before its end."""
        last = self._tools.last_order_at
        wait_s = 0.0 if last is None else (last + ON_ITS_WAY - self._clock.now()).total_seconds()
        if 0 < wait_s <= ON_ITS_WAY.total_seconds():
            self._say("An order of the panic before may still be on its way; waiting for it.")
            self._visit.until(lambda: False, self._clock.monotonic() + wait_s)

    def _cancel(self, accounts: tuple[str, ...]) -> None:
        """Cancel what works, and wait for the broker's word."""
        if not self._read_orders():
            self._left("The broker did not list the orders that work; some may be left, and may still trade.")
        asked = self._others(accounts)
        if not asked:
            return
        self._say(f"{len(asked)} order(s) are being cancelled.")
        for order in asked:
            self._note(CANCEL, order.key, server_order_id=order.server_order_id, client_order_id=order.client_order_id)
        self._tools.reached("panic.cancel_recorded")
        begun_s = self._clock.monotonic()
        self._visit.send(
            *(
                CancelOrder(
                    ServerOrderID=one.server_order_id,
                    ClientOrderID="" if one.server_order_id else one.client_order_id,
                    TradeAccount=one.key.account,
                )
                for one in asked
            )
        )
        self._tools.reached("panic.cancels_sent")
        for due_s in (begun_s + CANCEL_AGAIN_S, begun_s + CANCEL_WITHIN_S):
            if self._visit.until(lambda: not self._others(accounts), due_s):
                break
            self._read_orders()
        self._outcome.cancelled += len(asked) - len(self._others(accounts))

    def _close(self, accounts: tuple[str, ...], before: dict[str, dict[PositionKey, Decimal] | None]) -> None:
        """Send what makes each account flat, once for each scope."""
        stuck = self._others(accounts)
        for account in accounts:
            orders = self._sent_for(account, before.get(account), stuck)
            for order in orders:
                self._say(f"{_worded(order)} is sent at market.")
        names = list(self._sent)
        if names:
            self._tools.reached("panic.orders_sent")
            due_s = self._clock.monotonic() + FILL_WITHIN_S
            self._visit.until(lambda: all(self._book.ended(one) for one in names), due_s)
        for name in names:
            if name in self._book.refused:
                self._left(f"{_worded(self._sent[name])} was refused: {self._book.refused[name]}")
            elif not self._book.ended(name):
                self._left(f"{_worded(self._sent[name])} was sent, and the broker has not said that it is filled.")

    def _sent_for(
        self, account: str, before: dict[PositionKey, Decimal] | None, stuck: tuple[OrderReport, ...]
    ) -> tuple[Closing, ...]:
        """Read an account until it is steady, and send at once what closes it."""
        for reading in range(_READINGS):
            seen = self._book.filled_since()
            self._book.told.clear()
            held = self._read_positions(account)
            if held is None:
                return ()
            expected = (
                None if before is None else _moved(before, {k: q for k, q in seen.items() if k.account == account})
            )
            if expected is not None and held != expected and reading < _PATIENCE:
                self._visit.until(lambda: False, self._clock.monotonic() + _APART_S)
                continue
            orders, left = closing(held if expected is None else surely_open(held, expected), stuck)
            minted = {self._tools.ids.mint(int(self._clock.now().timestamp() * 1000)): one for one in orders}
            for name, one in minted.items():
                self._note(ORDER, one.key, client_order_id=name, side=one.side.value, quantity=f"{one.quantity:f}")
            if minted:
                self._tools.reached("panic.order_recorded")
            self._visit.drain()
            if self._still(held, seen, account):
                self._sent.update(minted)
                if minted:
                    self._visit.send(*(self._wire(name, one) for name, one in minted.items()))
                for text in left:
                    self._left(text)
                return orders
            for name, one in minted.items():
                self._note("withdrawn", one.key, client_order_id=name)
        self._left(f"{account} moves faster than it can be read; nothing was sent for it. Run the panic again.")
        return ()

    def _verify(self, accounts: tuple[str, ...]) -> None:
        """Read until everything is flat and nothing works, or name what is not."""
        due_s = self._clock.monotonic() + FLAT_WITHIN_S
        held = self._positions(accounts)
        while any(one for one in held.values()) and self._clock.monotonic() < due_s:
            self._visit.until(lambda: False, self._clock.monotonic() + _APART_S)
            held = self._positions(accounts)
        self._cancel(accounts)
        for account, positions in held.items():
            if positions is None:
                self._left(f"{account}: the broker did not tell its positions; whether it is flat is not known.")
            for key, quantity in (positions or {}).items():
                self._left(f"{written(key, quantity)} at the broker.")
        for order in self._book.working(accounts):
            self._left(f"{described(order)} still works, or its cancel was not answered.")
        opened = {
            key for key, quantity in ((k, q) for one in held.values() for k, q in (one or {}).items()) if quantity
        }
        known = {account for account, one in held.items() if one is not None}
        self._outcome.closed = sum(one.key not in opened and one.key.account in known for one in self._sent.values())

    # -- asking -----------------------------------------------------------------------------------------------------

    def _accounts(self) -> tuple[str, ...] | None:
        batch = self._asked(lambda number: TradeAccountsRequest(RequestID=number), TradeAccountResponse)
        if batch is None:
            return self._tools.accounts or None
        names = [row.message.TradeAccount for row in batch.rows]
        return tuple(dict.fromkeys(one for one in names if one and one in (self._tools.accounts or names)))

    def _positions(self, accounts: tuple[str, ...]) -> dict[str, dict[PositionKey, Decimal] | None]:
        """Return what is open in each account; None where it is not known. Fills are counted from here on."""
        self._book.begin()
        return {account: self._read_positions(account) for account in accounts}

    def _read_positions(self, account: str) -> dict[PositionKey, Decimal] | None:
        batch = self._asked(lambda n: CurrentPositionsRequest(RequestID=n, TradeAccount=account), PositionUpdate)
        if batch is None:
            return None
        held: dict[PositionKey, Decimal] = {}
        try:
            for row in batch.rows:
                report = self._translator.position(row.message, row.at)
                if report.quantity is None:
                    return None
                if report.key.account == account and report.quantity:
                    held[report.key] = report.quantity
        except Refused:
            return None  # a list with a hole proves nothing
        return held

    def _read_orders(self) -> bool:
        batch = self._asked(lambda number: OpenOrdersRequest(RequestID=number, RequestAllOrders=1), OrderUpdate)
        if batch is None:
            return False
        try:
            self._book.list_orders([self._translator.order(row.message, row.at) for row in batch.rows])
        except Refused:
            return False
        return True

    def _asked(self, request: Callable[[int], Message], kind: type[Message]) -> Batch | None:
        """Ask, and return the complete answer; None when it was refused or did not come."""
        batch = Batch(next(self._numbers), kind)
        self._batches = [batch]  # what comes late for an older question is nobody's answer any more
        self._visit.send(request(batch.request_id))
        self._visit.until(lambda: batch.complete, self._clock.monotonic() + ANSWER_WITHIN_S)
        return batch if batch.complete and batch.refused is None else None

    def _take(self, message: Any) -> None:
        now = self._clock.now()
        for batch in self._batches:
            if batch.belongs(message):
                batch.add(message, now)
                return
        try:
            if isinstance(message, OrderUpdate) and not message.NoOrders and not message.RequestID:
                self._book.take(self._translator.order(message, now))
            elif isinstance(message, PositionUpdate) and not message.NoPositions and not message.RequestID:
                self._book.state(self._translator.position(message, now))
        except Refused as refusal:
            self._translator.refusals.note(message, str(refusal))

    # -- small things -----------------------------------------------------------------------------------------------

    def _still(self, held: dict[PositionKey, Decimal], seen: dict[PositionKey, Decimal], account: str) -> bool:
        """Say whether nothing has moved in an account since it was read."""
        told = {key: quantity for key, quantity in self._book.told.items() if key.account == account}
        same = all(held.get(key, Decimal(0)) == quantity for key, quantity in told.items())
        return same and self._book.filled_since() == seen

    def _wire(self, name: str, order: Closing) -> Message:
        now = self._clock.now()
        intent, kind = Intent.CLOSE, OrderType.MARKET
        return submission(Order(order.key, name, order.side, intent, kind, order.quantity, now, now), None)

    def _others(self, accounts: tuple[str, ...]) -> tuple[OrderReport, ...]:
        """Return what works, but for the orders this run has sent."""
        return tuple(one for one in self._book.working(accounts) if one.client_order_id not in self._sent)

    def _note(self, step: str, key: PositionKey, **facts: str) -> None:
        """Write a step before it is taken; a disk that refuses is said once, and stops nothing that reduces."""
        if self._tools.record is None:
            return
        try:
            self._tools.record.add(step, connection=key.connection, account=key.account, symbol=key.symbol, **facts)
        except PersistenceError as error:
            if not self._record_refused:
                self._record_refused = True
                self._say(f"{error} Going on without the record.")

    def _say(self, text: str) -> None:
        self._tools.say(f"{self._settings.slug}: {text}")

    def _left(self, text: str) -> None:
        line = f"{self._settings.slug}: {text}"
        if line not in self._outcome.left:
            self._outcome.left.append(line)


def _moved(held: dict[PositionKey, Decimal], by: dict[PositionKey, Decimal]) -> dict[PositionKey, Decimal]:
    """Return positions after fills; flat ones are left out."""
    total = {key: held.get(key, Decimal(0)) + by.get(key, Decimal(0)) for key in (*held, *by)}
    return {key: quantity for key, quantity in total.items() if quantity}


def _worded(order: Closing) -> str:
    return f"{order.key.account}: {order.side.value} {order.quantity:f} {order.key.symbol}"
