"""StateManager: the latest values of everything a panel may show, behind one RLock.

Readers take a Snapshot: immutable, consistent, cheap (the parts that did not change are shared with the last one).
Parts are copied on write, so a snapshot taken is never touched again. The lock is held for dictionary operations
only; `changed` is sent after it is released. Ticks do not send it: a reader that samples once a frame compares
`version`.

Only the trading thread writes trading state (the main thread before any other thread exists); network threads put
ticks, quotes, books and session figures, nothing else, the query thread its answers, and the main thread what is only
about showing; any thread may halt. A test lists the callers.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import RLock
from types import MappingProxyType
from typing import Any

from blinker import Signal

from core.announcement import Announcement
from core.binding_settings import BindingSettings
from core.market_board import MarketBoard, TickBatch
from core.model.alert import Alert
from core.model.bar import BarSeries, ChartKey
from core.model.depth import Depth
from core.model.entry import EntryOperation
from core.model.fill import Fill
from core.model.finding import Finding
from core.model.guards import AccountGuards
from core.model.instrument import Instrument
from core.model.market import Quote, SessionFigures, Tick
from core.model.operation import CloseOperation
from core.model.order import Order
from core.model.position import Position
from core.model.recovery import Recovery
from core.model.sanity import SanityLimits
from core.model.scope import Account, AccountKey, Balance, PositionKey
from core.model.session_studies import SessionStudies
from core.model.trade import Trade
from core.preferences import PnlMark
from core.queries import QueryResult
from core.snapshot import ConnectionStatus, DatabaseStatus, LedgerBalance, ScopeStatus, Snapshot
from core.unsaved_work import UnsavedWork

FILLS_SHOWN, TRADES_SHOWN = 500, 200
FINAL_ORDERS_SHOWN = 200
NOTICES_SHOWN, QUERIES_SHOWN = 500, 16


class StateManager:
    """Latest values behind one lock.

    Signals:
        changed: sent with no arguments after a write, outside the lock, in the writer's thread.
    """

    def __init__(self) -> None:
        self.changed = Signal()
        self._lock = RLock()
        self._board = MarketBoard()
        self._snapshot = Snapshot()
        self._version = 0
        self._moved: set[str] = set()  # parts of the board the snapshot has not followed yet
        self._history: deque[tuple[AccountKey, datetime]] = deque(maxlen=100)

    # -- readers (any thread) ---------------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Rise with every change, ticks included; compare to know whether a new snapshot is worth taking."""
        with self._lock:
            return self._version

    def snapshot(self) -> Snapshot:
        """Return one consistent, immutable view."""
        with self._lock:
            if self._moved:
                parts = {part: MappingProxyType(dict(getattr(self._board, part))) for part in self._moved}
                self._snapshot = replace(self._snapshot, version=self._version, **parts)  # type: ignore[arg-type]
                self._moved.clear()
            return self._snapshot

    def selection_history(self) -> tuple[tuple[AccountKey, datetime], ...]:
        """Return the last hundred accounts selected, oldest first, with their time."""
        with self._lock:
            return tuple(self._history)

    def held(self) -> bool:
        """Say whether the calling thread holds the lock (for tests: no signal is sent while one does)."""
        return bool(self._lock._is_owned())  # type: ignore[attr-defined]

    # -- market (network threads) -----------------------------------------------------------------------------------

    def put_tick(self, connection: str, tick: Tick) -> bool:
        """Leave a trade on the board; True asks the caller to post one TicksWaiting."""
        with self._lock:
            return self._board.put_tick(connection, tick)

    def put_quote(self, connection: str, quote: Quote) -> None:
        """Set the latest of a symbol."""
        with self._lock:
            self._board.put_quote(connection, quote)
            self._touch("quotes")

    def put_session_figures(self, connection: str, figures: SessionFigures) -> None:
        """Set the latest of a symbol's session."""
        with self._lock:
            self._board.put_session_figures(connection, figures)
            self._touch("session_figures")

    def put_depth(self, connection: str, depth: Depth) -> None:
        """Set the latest book of a symbol."""
        with self._lock:
            self._board.put_depth(connection, depth)
            self._touch("depths")

    def drop_depth(self, connection: str, symbol: str) -> None:
        """Forget a symbol's book: nobody looks at it any more."""
        with self._lock:
            self._board.drop_depth(connection, symbol)
            self._touch("depths")

    def drain_ticks(self) -> tuple[TickBatch, ...]:
        """Take every trade since the last drain (trading thread)."""
        with self._lock:
            return self._board.drain()

    def mark_quotes_stale(self, connection: str) -> None:
        """Mark every quote and book of a connection as history."""
        with self._lock:
            self._board.mark_stale(connection)
            self._touch("depths")
            self._touch("quotes")
        self.changed.send(self)

    # -- trading state (trading thread) -----------------------------------------------------------------------------

    def set_position(
        self, key: PositionKey, position: Position | None, fills: Iterable[Fill] = (), trade: Trade | None = None
    ) -> None:
        """Publish a committed position, None is flat, with the fills and the trade it comes from: all or nothing."""
        with self._lock:
            held = self._snapshot
            parts: dict[str, Any] = {"positions": _with(held.positions, key, position)}
            if fills:
                parts["fills"] = (*held.fills, *fills)[-FILLS_SHOWN:]
            if trade is not None:
                parts["trades"] = (*held.trades, trade)[-TRADES_SHOWN:]
            self._replace(**parts)
        self.changed.send(self)

    def set_studies(self, studies: Mapping[tuple[str, str], SessionStudies]) -> None:
        """Publish what was counted of sessions, by (connection, symbol); those not named stay."""
        with self._lock:
            self._replace(studies=MappingProxyType({**self._snapshot.studies, **studies}))
        self.changed.send(self)

    def set_volumes(self, place: tuple[str, str], volumes: Mapping[Decimal, Decimal] | None) -> None:
        """Publish what was traded at each price of a symbol's session; None: nobody looks any more."""
        self._put("volumes", place, volumes)

    def set_charts(self, moved: Mapping[ChartKey, BarSeries | None]) -> None:
        """Publish the bars of charts, None is not shown any more; those not named stay."""
        with self._lock:
            charts = {**self._snapshot.charts, **moved}
            shown = {key: series for key, series in charts.items() if series is not None}
            self._replace(charts=MappingProxyType(shown))
        self.changed.send(self)

    def count_duplicate(self) -> None:
        """Count an execution that was told again and dropped."""
        self._set(duplicates=self._snapshot.duplicates + 1)

    def set_scope(self, status: ScopeStatus) -> None:
        """Publish what is known around a scope."""
        self._put("scopes", status.key, status)

    def set_order(self, order: Order) -> None:
        """Publish a committed order; of the final ones those that ended first leave the view."""
        with self._lock:
            orders = {**self._snapshot.orders, order.client_order_id: order}
            final = [one for one in orders.values() if one.is_final]
            if len(final) > FINAL_ORDERS_SHOWN:
                final.sort(key=lambda one: one.updated_at)
                for gone in final[:-FINAL_ORDERS_SHOWN]:
                    del orders[gone.client_order_id]
            self._replace(orders=MappingProxyType(orders))
        self.changed.send(self)

    def load(
        self,
        positions: Iterable[Position],
        orders: Iterable[Order],
        fills: Iterable[Fill],
        trades: Iterable[Trade],
    ) -> None:
        """Publish what the database held at start, before any other thread exists."""
        with self._lock:
            self._replace(
                positions=MappingProxyType({position.key: position for position in positions}),
                orders=MappingProxyType({order.client_order_id: order for order in orders}),
                fills=tuple(fills)[-FILLS_SHOWN:],
                trades=tuple(trades)[-TRADES_SHOWN:],
            )
        self.changed.send(self)

    def set_operation(self, operation: CloseOperation) -> None:
        """Publish the committed step of a close."""
        self._put("operations", operation.key, operation)

    def set_entry(self, operation: EntryOperation) -> None:
        """Publish the committed step of an entry with its exits; of those that ended the latest of a scope stays."""
        with self._lock:
            held = self._snapshot.entries.items()
            stay = {name: one for name, one in held if one.key != operation.key or not one.is_over}
            self._replace(entries=MappingProxyType({**stay, operation.operation_id: operation}))
        self.changed.send(self)

    def set_trail(self, key: PositionKey, distance: Decimal | None) -> None:
        """Publish at what distance the stop of a scope follows the price, points; None: it does not."""
        self._put("trails", key, distance)

    def set_recovery(self, recovery: Recovery | None) -> None:
        """Publish what recovery found and what is decided."""
        self._set(recovery=recovery)

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """Publish the orders and missing stops that need the trader."""
        self._set(findings=findings)

    def set_connection(self, status: ConnectionStatus) -> None:
        """Publish the state of a line."""
        self._put("connections", status.connection, status)

    def set_account(self, account: Account) -> None:
        """Publish an account."""
        self._put("accounts", account.key, account)

    def set_balance(self, key: AccountKey, balance: Balance) -> None:
        """Publish the broker's money figure; never touches our own."""
        self._put("balances", key, balance)

    def set_ledger(self, key: AccountKey, balance: LedgerBalance) -> None:
        """Publish our own money figure."""
        self._put("ledger", key, balance)

    def adjust_ledger(self, key: AccountKey, amount: Decimal, at: datetime) -> LedgerBalance:
        """Add signed money to our own figure and to the day's net, in one step; unknown stays unknown."""
        with self._lock:
            held = self._snapshot.ledger.get(key) or LedgerBalance(None, None, at)
            cash = None if held.cash is None else held.cash + amount
            moved = LedgerBalance(cash, (held.day_net or Decimal(0)) + amount, at)
            self._replace(ledger=MappingProxyType({**self._snapshot.ledger, key: moved}))
        self.changed.send(self)
        return moved

    def set_armed(self, key: AccountKey, until_s: float | None) -> None:
        """Publish until when entries pass in an account, monotonic seconds; None: not any more."""
        self._put("armed", key, until_s)

    def set_one_click(self, key: AccountKey, on: bool) -> None:
        """Publish whether entries inside the limits are sent from an account without a question."""
        self._put("one_click", key, on or None)

    def set_settings(self, settings: BindingSettings, limits: SanityLimits) -> None:
        """Publish what binds the engine, and the limits of an order that bind today."""
        self._set(settings=settings, limits=limits, desk=settings.desk)

    def set_watched(self, places: tuple[tuple[str, str], ...]) -> None:
        """Publish the watchlist, by (connection, symbol)."""
        self._set(watched=places)

    def set_resettable(self, connections: frozenset[str]) -> None:
        """Publish whose accounts can begin anew."""
        self._set(resettable=connections)

    def set_guards(self, guards: AccountGuards) -> None:
        """Publish how an account stands against its limits."""
        self._put("guards", guards.key, guards)

    def set_alerts(self, alerts: tuple[Alert, ...]) -> None:
        """Publish what the trader asked to hear of."""
        self._set(alerts=alerts)

    def set_clock_ahead(self, connection: str, ahead: timedelta | None) -> None:
        """Publish how far the clock of a venue is ahead of ours; None: not measured."""
        self._put("clock_ahead", connection, ahead)

    def set_shared(self, key: AccountKey, reason: str) -> None:
        """Publish that another connection carries the account too, and entries are refused in it."""
        self._put("shared", key, reason)

    def set_instrument(self, connection: str, instrument: Instrument) -> None:
        """Publish a contract's definition."""
        self._put("instruments", (connection, instrument.symbol), instrument)

    def set_lock(self, reason: str) -> None:
        """Publish the lock on all entries; an empty reason lifts it."""
        self._set(locked=reason)

    def set_unfit(self, reason: str) -> None:
        """Publish why no LIVE account can be armed (main thread, before any other)."""
        self._set(unfit=reason)

    def block_entries(self, connection: str, reason: str) -> None:
        """Publish why entries are refused on a connection; an empty reason opens them."""
        self._put("entry_block", connection, reason or None)

    def set_pnl_mark(self, mark: PnlMark) -> None:
        """Publish what open profit or loss is shown by (main thread: it is no trading state)."""
        self._set(pnl_mark=mark)

    def set_database(self, status: DatabaseStatus) -> None:
        """Publish the health of the store."""
        self._set(database=status)

    def set_unsaved(self, work: UnsavedWork) -> None:
        """Publish what is shown and not in the database yet."""
        self._set(unsaved=work)

    def add_notice(self, announcement: Announcement) -> None:
        """Keep an announcement for the log panel."""
        with self._lock:
            self._replace(notices=(*self._snapshot.notices, announcement)[-NOTICES_SHOWN:])
        self.changed.send(self)

    # -- answers (query thread) -------------------------------------------------------------------------------------

    def set_query_result(self, result: QueryResult) -> None:
        """Publish an answer in place of the ticket's last one; of many tickets the longest unanswered goes."""
        with self._lock:
            queries = {ticket: one for ticket, one in self._snapshot.queries.items() if ticket != result.ticket}
            queries[result.ticket] = result
            for ticket in list(queries)[:-QUERIES_SHOWN]:
                del queries[ticket]
            self._replace(queries=MappingProxyType(queries))
        self.changed.send(self)

    # -- selection and halting --------------------------------------------------------------------------------------

    def select_account(self, key: AccountKey, at: datetime) -> None:
        """Show another account."""
        with self._lock:
            self._history.append((key, at))
            self._replace(selected_account=key)
        self.changed.send(self)

    def select_symbol(self, connection: str, symbol: str) -> None:
        """Show another symbol on a connection."""
        self._put("selected_symbol", connection, symbol)

    def halt(self, reason: str) -> None:
        """Refuse all entries from now on (any thread: a supervisor must be able to); the first reason stays."""
        with self._lock:
            if self._snapshot.halted:
                return
            self._replace(halted=reason)
        self.changed.send(self)

    # -- private: the lock is held or taken here --------------------------------------------------------------------

    def _put(self, part: str, key: object, value: object | None) -> None:
        with self._lock:
            self._replace(**{part: _with(getattr(self._snapshot, part), key, value)})
        self.changed.send(self)

    def _set(self, **parts: Any) -> None:
        with self._lock:
            self._replace(**parts)
        self.changed.send(self)

    def _replace(self, **parts: Any) -> None:
        assert self.held()
        self._version += 1
        self._snapshot = replace(self._snapshot, version=self._version, **parts)

    def _touch(self, part: str) -> None:
        assert self.held()
        self._version += 1
        self._moved.add(part)


def _with(held: Mapping[Any, Any], key: object, value: object | None) -> Mapping[Any, Any]:
    """Return a copy with one entry set, or without it."""
    changed = {**held, key: value}
    if value is None:
        del changed[key]
    return MappingProxyType(changed)
