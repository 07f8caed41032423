"""What the reconcile dialog says: who differs, what the fills add up to, and what each choice would do. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from core.model.fill import Fill, FillSource
from core.model.instrument import Instrument
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.model.scope import Mode, PositionKey
from core.snapshot import Certainty, Snapshot
from panels import formatting as f
from panels.shown import ALIVE_LINKS

CORRECTIONS = frozenset({FillSource.RECON, FillSource.MANUAL})
MARKS = {FillSource.OURS: "ours", FillSource.RECON: "correction", FillSource.MANUAL: "by hand"}
DIFFERENT = frozenset(
    {Situation.SIZE_DIFFERS, Situation.OPPOSITE_SIDE, Situation.ONLY_AT_BROKER, Situation.CLOSED_AT_BROKER}
)
OPEN = (None, RecoveryChoice.IGNORE)
# Where nothing is lost by a slip, no reason is asked.
NO_REASON_NEEDED = frozenset({Mode.SIM, Mode.REPLAY})
REASON_LETTERS = 3


@dataclass(frozen=True, slots=True)
class TradeFills:
    """The fills of a scope since it was flat, oldest first.

    Attributes:
        is_complete: false when the oldest are not on hand any more.
    """

    fills: tuple[Fill, ...]
    is_complete: bool

    @property
    def total(self) -> Decimal:
        """What they add up to, signed, corrections left out."""
        return sum((one.signed_quantity for one in self.fills if one.source not in CORRECTIONS), Decimal(0))

    @property
    def corrections(self) -> int:
        """How many are corrections."""
        return sum(one.source in CORRECTIONS for one in self.fills)


def row_of(snapshot: Snapshot, key: PositionKey) -> RecoveryRow | None:
    """Return the open difference of a scope, with its choices; None when nothing is to decide."""
    rows = () if snapshot.recovery is None else snapshot.recovery.rows
    return next((row for row in rows if row.key == key and row.situation in DIFFERENT and row.decided in OPEN), None)


def differing(snapshot: Snapshot) -> tuple[PositionKey, ...]:
    """Return the scopes whose quantity differs from the broker's while trading goes on, sorted."""
    mismatched = {key for key, status in snapshot.scopes.items() if status.certainty is Certainty.MISMATCH}
    rows = () if snapshot.recovery is None else snapshot.recovery.rows
    later = {row.key for row in rows if row.in_session and row.situation in DIFFERENT and row.decided in OPEN}
    return tuple(sorted(mismatched | later))


def is_different(snapshot: Snapshot, key: PositionKey) -> bool:
    """Say whether a scope is to be reconciled."""
    return key in differing(snapshot) or row_of(snapshot, key) is not None


def here(snapshot: Snapshot, key: PositionKey) -> Decimal:
    """Return what we hold in a scope, signed; zero is flat."""
    position = snapshot.positions.get(key)
    return Decimal(0) if position is None else position.quantity


def there(snapshot: Snapshot, key: PositionKey) -> Decimal | None:
    """Return what the broker says he holds, signed; None when he did not say."""
    status, row = snapshot.scopes.get(key), row_of(snapshot, key)
    told = None if status is None else status.broker_quantity
    return row.broker_quantity if told is None and row is not None else told


def figures(key: PositionKey, snapshot: Snapshot) -> str:
    """Return both figures in a sentence: "MESZ5 Sim1: here LONG 2, broker LONG 1."."""
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    told = there(snapshot, key)
    broker = "has not said" if told is None else f.held(told, instrument)
    return f"{key.symbol} {key.account}: here {f.held(here(snapshot, key), instrument)}, broker {broker}."


def headline(key: PositionKey, snapshot: Snapshot, now: datetime) -> str:
    """Return the sentence on top of the dialog."""
    text = figures(key, snapshot)
    if is_different(snapshot, key):
        return text
    status = snapshot.scopes.get(key)
    certainty = Certainty.UNVERIFIED if status is None else status.certainty
    told_at = None if status is None else status.broker_time
    if not is_alive(key, snapshot):
        end = "the line is down"
    elif certainty is Certainty.CONFIRMED and told_at is not None:
        end = f"confirmed {ago(told_at, now)}"
    else:
        end = {
            Certainty.FILLS_ONLY: "this connection reports no positions: fills only",
            Certainty.PENDING: "a fill and its report may be crossing",
        }.get(certainty, "not confirmed yet")
    return f"{text[:-1]}, {end}."


def is_alive(key: PositionKey, snapshot: Snapshot) -> bool:
    """Say whether the broker of a scope is heard."""
    connection = snapshot.connections.get(key.connection)
    return connection is not None and connection.link in ALIVE_LINKS


def ago(then: datetime, now: datetime) -> str:
    """Return an age in words: "4 s ago", "12:30 ago"."""
    seconds = max(0, int((now - then).total_seconds()))
    return f"{seconds} s ago" if seconds < 60 else f"{f.duration(seconds)} ago"


def since_flat(snapshot: Snapshot, key: PositionKey) -> TradeFills:
    """Return the fills that made what is open; of a scope a correction made flat, those before the correction."""
    known = [one for one in snapshot.fills if one.key == key]
    left, taken = here(snapshot, key), list[Fill]()
    if left == 0 and not (known and known[-1].source in CORRECTIONS):
        return TradeFills((), True)
    for one in reversed(known):
        before = left - one.signed_quantity
        taken.append(one)
        if before == 0:
            return TradeFills(tuple(reversed(taken)), True)
        left = before
    return TradeFills(tuple(reversed(taken)), False)


def sum_words(trade: TradeFills, held: Decimal, instrument: Instrument | None) -> str:
    """Return what the fills add up to, and how many they are."""
    if not trade.fills:
        return "No fills since flat."
    count = len(trade.fills) - trade.corrections
    counted = f"{count} {'fill' if count == 1 else 'fills'} since flat; a repeat is dropped when it arrives."
    total = f"Sum {f.held(trade.total, instrument)}"
    if trade.corrections:
        total = f"Fills alone {f.held(trade.total, instrument)}, with corrections {f.held(held, instrument)}"
    if not trade.is_complete:
        return f"Earlier fills are not shown, so these do not add up.\n{counted}"
    return f"{total}.\n{counted}"


def fill_words(fill: Fill, instrument: Instrument | None, zone: tzinfo | None) -> tuple[str, str, str, str, str]:
    """Return the texts of a fill: time, side, quantity, price, mark."""
    price = f.price(fill.price, instrument)
    return (
        f.clock(fill.time, zone),
        fill.side.value,
        f.quantity(fill.quantity, instrument),
        f"{price} off tick" if fill.off_tick else price,
        MARKS.get(fill.source, fill.source.value),
    )


def choices_of(row: RecoveryRow) -> tuple[RecoveryChoice, ...]:
    """Return what the dialog offers, the pre-selected first; asking the broker is a button of its own."""
    offered = [one for one in row.choices if one is not RecoveryChoice.VERIFY]
    # Opposite sides are looked into first when recovery finds them; by now the broker has been asked.
    return tuple(sorted(offered, key=lambda one: one not in (RecoveryChoice.ADOPT, RecoveryChoice.RECORD_CLOSED)))


def choice_words(choice: RecoveryChoice, row: RecoveryRow, instrument: Instrument | None) -> str:
    """Return the text of a choice."""
    broker = f.held(row.broker_quantity, instrument)
    return {
        RecoveryChoice.ADOPT: f"Use broker: {broker}",
        RecoveryChoice.RECORD_CLOSED: "Use broker: FLAT",
        RecoveryChoice.USE_FILLS: f"Use fills: {f.held(row.fills_quantity, instrument)}",
        RecoveryChoice.IGNORE: "Keep ours and watch",
        RecoveryChoice.CLOSE_BROKER: f"Take broker's {broker} and close it",
    }[choice]


def effect(choice: RecoveryChoice, row: RecoveryRow, instrument: Instrument | None) -> str:
    """Return what a choice would do, as far as it can be known."""
    if choice is RecoveryChoice.IGNORE:
        return "Nothing changes; entries in this scope stay locked; it ends by itself when both agree."
    opens = "Entries open when the broker confirms."
    if choice is RecoveryChoice.USE_FILLS:
        moved = _moved(row, row.fills_quantity, instrument)
        agrees = row.fills_quantity == row.broker_quantity
        end = (
            opens if agrees else f"Entries stay locked while the broker says {f.held(row.broker_quantity, instrument)}."
        )
        return f"{moved}, back to what the fills add up to; the profit of this trade stays unknown (—). {end}"
    booked = _booked(choice, row, instrument)
    if choice is not RecoveryChoice.CLOSE_BROKER:
        return f"{booked} {opens}"
    amount = f.quantity(None if row.broker_quantity is None else abs(row.broker_quantity), instrument)
    return f"{booked} Then the orders here are cancelled and a market order closes {amount}."


def reason_needed(key: PositionKey, snapshot: Snapshot) -> str:
    """Return the mode that asks for a reason, in a word; "" where none is needed."""
    account = snapshot.accounts.get(key.account_key)
    mode = None if account is None else account.mode
    if mode in NO_REASON_NEEDED:
        return ""
    return "LIVE, not classified" if mode is None else mode.value


def _booked(choice: RecoveryChoice, row: RecoveryRow, instrument: Instrument | None) -> str:
    after = Decimal(0) if choice is RecoveryChoice.RECORD_CLOSED else row.broker_quantity
    if row.situation is Situation.ONLY_AT_BROKER and row.broker_price is not None:
        average = f.average(row.broker_price, instrument)
        return f"{_moved(row, after, instrument)} at the broker's average {average}; the entry time is unknown."
    moved = f"{_moved(row, after, instrument)} by a correction without a price"
    if row.situation is Situation.OPPOSITE_SIDE:
        return f"{moved}: the profit of both trades becomes unknown (—) and they are left out of money statistics."
    return f"{moved}: the profit of this trade becomes unknown (—) and it is left out of money statistics."


def _moved(row: RecoveryRow, after: Decimal | None, instrument: Instrument | None) -> str:
    before = Decimal(0) if row.ours is None else row.ours.quantity
    return f"Quantity here {f.held(before, instrument)} → {f.held(after, instrument)}"
