"""Write what the emergency log kept into the database: entry by entry, in order, and twice is once.

A fill is booked unless its execution is in the ledger. Where the database holds what the fill was applied to, the
change is booked as it was shown; otherwise the fill is applied to what the database holds. An order that has ended does
not come alive again. An execution that the ledger has with other facts is not booked, and an entry that a
working database refuses must not stand before all that follow it: either is kept aside and told. Where the stop of a
position was to be follows from its orders, one after the other, as it did when they moved.
"""

from dataclasses import replace

from core.emergency import EmergencyEntry, UnsavedFill, UnsavedInstrument, UnsavedOperation, UnsavedOrder
from core.errors import DatabaseLocked, DiskFull, DuplicateFill, PersistenceError
from core.model.fill import Fill
from core.model.instrument import Instrument
from core.model.order import Order
from core.model.position import PositionChange, apply_fill, revalue
from core.ports import AccountRepository, AuditLog, OperationRepository, OrderRepository, PositionRepository
from services.fill_facts import quantity_of, same_execution, spelled
from services.stop_plan import planned_stop, with_working_exits

CAUSE = "emergency log"


class EmergencyMerge:
    """Writes entries through the ordinary repositories (trading thread; main before it)."""

    def __init__(
        self,
        positions: PositionRepository,
        orders: OrderRepository,
        operations: OperationRepository,
        accounts: AccountRepository,
        audit: AuditLog,
    ) -> None:
        self._positions = positions
        self._orders = orders
        self._operations = operations
        self._accounts = accounts
        self._audit = audit

    def write(self, entry: EmergencyEntry) -> str:
        """Write one entry; return why it must be kept aside, nothing when it is in the database.

        Raises:
            PersistenceError: the database refuses.
        """
        try:
            return self._write(entry)
        except (DatabaseLocked, DiskFull):
            raise  # no fault of the entry
        except PersistenceError as refused:
            # Raises as well unless the database works; then it was a moment's refusal, or the entry is the reason.
            told = {"error": str(refused), "kind": type(entry).__name__}
            self._audit.append("emergency", "an entry was refused", key=None, mode=None, cause=CAUSE, data=told)
        try:
            return self._write(entry)
        except PersistenceError as refused:
            return f"The database works and does not take an entry of the emergency log: {refused}"

    def end(self, entries: int, aside: int, unreadable: int) -> None:
        """Commit that the log was merged.

        Raises:
            PersistenceError: the database refuses.
        """
        numbers = {"entries": str(entries), "kept_aside": str(aside), "unreadable": str(unreadable)}
        self._audit.append("emergency", "emergency log merged", key=None, mode=None, cause=CAUSE, data=numbers)

    def _write(self, entry: EmergencyEntry) -> str:
        if isinstance(entry, UnsavedFill):
            return self._book(entry)
        if isinstance(entry, UnsavedOrder):
            self._save(entry)
        elif isinstance(entry, UnsavedOperation):
            self._operations.save(entry.operation, entry.mode)
        else:
            self._define(entry)
        return ""

    def _define(self, entry: UnsavedInstrument) -> None:
        name = (entry.connection, entry.instrument.symbol)
        stored = self._positions.recover_all_open_positions()
        revalued = [revalue(one, entry.instrument) for one in stored if (one.key.connection, one.key.symbol) == name]
        self._accounts.save_instrument(entry.connection, entry.instrument, revalued)

    def _save(self, entry: UnsavedOrder) -> None:
        stored = self._orders.get(entry.order.client_order_id)
        revives = stored is not None and stored.is_final and not entry.order.is_final
        if stored != entry.order and not revives:
            self._orders.save(entry.order, entry.mode, f"{CAUSE}: {entry.cause}")
            self._note_stop(entry.order, stored)

    def _note_stop(self, order: Order, before: Order | None) -> None:
        """Note on its position where the stop is, or was: that it was lost meanwhile is found by that."""
        position = self._positions.get_open_position(order.key)
        if position is None:
            return
        taken = [name for one in self._operations.unfinished() if one.key == order.key for name in one.cancelled]
        planned = replace(position, stop_price=planned_stop(position, order, before, taken))
        noted = with_working_exits(planned, self._orders.alive())
        if noted != position:
            self._positions.update_trade_extremes([noted])

    def _book(self, entry: UnsavedFill) -> str:
        fill = entry.change.fill
        change = self._change(entry.change)
        try:
            self._positions.record(change, entry.mode, f"{CAUSE}: {entry.cause}")
        except DuplicateFill:
            booked = self._positions.fills_of(fill.key.account_key, fill.execution_id)
            return self._contradiction(entry, booked)
        return ""

    def _change(self, shown: PositionChange) -> PositionChange:
        stored = self._positions.get_open_position(shown.key)
        if quantity_of(stored) == quantity_of(shown.before):
            return shown
        name = (shown.key.connection, shown.key.symbol)
        contract = self._accounts.instruments().get(name) or Instrument(shown.key.symbol)
        return apply_fill(stored, shown.fill, contract)

    def _contradiction(self, entry: UnsavedFill, booked: tuple[Fill, ...]) -> str:
        fill = entry.change.fill
        if same_execution(fill, booked):
            return ""
        text = f"{fill.key.symbol}: execution {fill.execution_id} is in the database with other facts"
        told = {"in_the_log": spelled(fill), "in_the_database": ", ".join(spelled(one) for one in booked)}
        self._audit.append(
            "emergency", f"kept aside: {text}", key=fill.key.account_key, mode=entry.mode, cause=CAUSE, data=told
        )
        return text
