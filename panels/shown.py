"""What of a snapshot is on show: the selected account and symbol, and why entries are refused there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.link import Link
from core.model.fill import Side
from core.model.instrument import Instrument
from core.model.operation import CloseOperation
from core.model.position import Position
from core.model.protection import Protection, protection_of
from core.model.scope import Account, AccountKey, Mode, PositionKey
from core.preferences import PnlMark
from core.snapshot import Certainty, ConnectionStatus, ScopeStatus, Snapshot
from panels.open_result import OpenResult, open_result, price_marked_at

if TYPE_CHECKING:
    from core.model.market import Quote

LINK_WORDS = {
    Link.OFFLINE: "link down",
    Link.CONNECTING: "connecting",
    Link.SYNCING: "reading the broker's books",
    Link.READY: "ready",
    Link.DOUBTFUL: "link in doubt",
    Link.REFUSED: "logon refused",
}
ARM_FIRST = "Arm to trade: hold the button at the top right, or press Ctrl+Shift+A twice. Closing and reducing work."
ALIVE_LINKS = frozenset({Link.READY, Link.SYNCING})


@dataclass(frozen=True, slots=True)
class Shown:
    """The scope on show and everything known around it; None where there is nothing (yet).

    Attributes:
        unsaved: it rests on a fill that is not in the database yet.
        mark: what the trader wants open profit or loss marked at.
    """

    account_key: AccountKey | None
    account: Account | None
    key: PositionKey | None
    connection: ConnectionStatus | None
    instrument: Instrument | None
    quote: Quote | None
    position: Position | None
    status: ScopeStatus | None
    operation: CloseOperation | None
    unsaved: bool = False
    mark: PnlMark = PnlMark.GROSS

    @property
    def worth(self) -> OpenResult | None:
        """What its position is worth; None while nothing is open or the contract is unknown."""
        if self.position is None or self.instrument is None:
            return None
        return open_result(self.position, self.instrument, self.quote, self.mark)

    @property
    def marked_at(self) -> Decimal | None:
        """The price its position is valued by; None unknown, or flat."""
        return None if self.position is None else price_marked_at(self.position, self.quote, self.mark)

    @property
    def mode(self) -> Mode:
        """The mode its orders are guarded by."""
        return self.account.acting_mode if self.account is not None else Mode.LIVE

    @property
    def mode_word(self) -> str:
        """The mode in a word; an unclassified account says so."""
        return "LIVE · not classified yet" if self.is_unclassified else self.mode.value

    @property
    def is_unclassified(self) -> bool:
        """True while nobody said what the account on show is."""
        return self.account_key is not None and (self.account is None or self.account.mode is None)

    @property
    def link(self) -> Link:
        """The state of its line; OFFLINE when there is none."""
        return self.connection.link if self.connection is not None else Link.OFFLINE

    @property
    def unread(self) -> str:
        """Why the broker's books could not be read though the line is up; empty when they could, or are being read."""
        if self.connection is None or self.connection.link is not Link.SYNCING:
            return ""
        return self.connection.text

    @property
    def link_alive(self) -> bool:
        """True while the broker is heard."""
        return self.link in ALIVE_LINKS

    @property
    def certainty(self) -> Certainty:
        """How sure the quantity is; STALE whenever the line is not alive."""
        if not self.link_alive:
            return Certainty.STALE
        return self.status.certainty if self.status is not None else Certainty.UNVERIFIED

    @property
    def certainty_word(self) -> str:
        """The certainty in a word, and whether the database has it."""
        return f"{self.certainty.value} · UNSAVED" if self.unsaved else self.certainty.value

    @property
    def is_known_flat(self) -> bool:
        """True when the broker said zero explicitly, or only fills can be known and they net to zero."""
        if self.position is not None or self.status is None:
            return False
        if self.status.certainty is Certainty.FILLS_ONLY:
            return True
        return self.status.broker_quantity == 0 and self.status.certainty in (
            Certainty.CONFIRMED,
            Certainty.PENDING,
        )


def shown_in(snapshot: Snapshot) -> Shown:
    """Return what is selected in a snapshot."""
    account_key = snapshot.selected_account
    symbol = snapshot.selected_symbol.get(account_key.connection, "") if account_key is not None else ""
    if account_key is None or not symbol:
        connection = snapshot.connections.get(account_key.connection) if account_key is not None else None
        account = snapshot.accounts.get(account_key) if account_key is not None else None
        return Shown(account_key, account, None, connection, None, None, None, None, None)
    return shown_of(snapshot, PositionKey(account_key.connection, account_key.account, symbol))


def shown_of(snapshot: Snapshot, key: PositionKey) -> Shown:
    """Return what is known of a scope."""
    place = (key.connection, key.symbol)
    return Shown(
        account_key=key.account_key,
        account=snapshot.accounts.get(key.account_key),
        key=key,
        connection=snapshot.connections.get(key.connection),
        instrument=snapshot.instruments.get(place, Instrument(key.symbol)),
        quote=snapshot.quotes.get(place),
        position=snapshot.positions.get(key),
        status=snapshot.scopes.get(key),
        operation=snapshot.operations.get(key),
        unsaved=snapshot.unsaved.holds(key),
        mark=snapshot.pnl_mark,
    )


def entry_refusal(snapshot: Snapshot, shown: Shown) -> str:
    """Return why no entry can be sent from the scope on show, in a sentence; "" when one can."""
    if shown.account_key is None:
        return "No account yet: waiting for the broker."
    if shown.key is None:
        return "Choose a symbol."
    if snapshot.halted:
        return f"Entries are halted: {snapshot.halted}"
    if snapshot.locked:
        return snapshot.locked
    if shown.link is Link.SYNCING and _waits_for_decision(snapshot, shown.key.connection):
        return "Entries wait for your decision about what was recovered."
    if shown.link is not Link.READY:
        return _link_refusal(shown)
    if shown.instrument is None or shown.instrument.tick_size is None:
        return f"The broker has not defined a contract {shown.key.symbol}; nothing is sent in it."
    if shown.connection is not None and not shown.connection.trading_supported:
        return "This connection serves market data only: it takes no orders."
    if shown.account is not None and shown.account.trading_disabled:
        return f"The broker refuses orders for {shown.account_key.account}."
    if block := snapshot.entry_block.get(shown.key.connection, ""):
        return block
    if shown.status is not None and shown.status.lock:
        return shown.status.lock
    if any(one.key == shown.key and one.blocks_entries for one in snapshot.findings):
        return f"Something about {shown.key.symbol} needs your decision first: see the banner."
    from core.guard_figures import entry_stop

    if limited := entry_stop(snapshot.guards.get(shown.account_key)):
        return limited
    return mode_refusal(snapshot, shown) if shown.mode in (Mode.LIVE, Mode.EVAL) else ""


def _waits_for_decision(snapshot: Snapshot, connection: str) -> bool:
    recovery = snapshot.recovery
    if recovery is None or connection in recovery.asking:
        return False
    return any(row.key.connection == connection for row in recovery.undecided)


def mode_refusal(snapshot: Snapshot, shown: Shown) -> str:
    """Return why an account of real consequence takes no entries now; "" when it does."""
    if shown.is_unclassified:
        return "Not classified yet, so treated as LIVE: entries are off until you say what this account is."
    if shown.account_key in snapshot.armed:
        return ""
    return arm_refusal(snapshot, shown) or ARM_FIRST


def arm_refusal(snapshot: Snapshot, shown: Shown) -> str:
    """Return why the account on show cannot be armed now; "" when it can. The engine has the last word."""
    if shown.is_unclassified:
        return "Say first what this account is."
    if shown.mode is Mode.LIVE and snapshot.unfit:
        return snapshot.unfit
    if snapshot.halted:
        return f"Entries are halted: {snapshot.halted}"
    if snapshot.locked:
        return snapshot.locked
    guards = None if shown.account_key is None else snapshot.guards.get(shown.account_key)
    if guards is not None and guards.locked:
        return guards.locked
    if shown.link is not Link.READY:
        return _link_refusal(shown)
    return ""


def reduces(shown: Shown, side: Side) -> bool:
    """Return whether an order of that side would be against the open position."""
    return shown.position is not None and side is Side.closing(shown.position.quantity)


def protection(snapshot: Snapshot, position: Position) -> Protection:
    """Return the exits that work for a position, as far as they could trade now: one that waits protects nothing."""
    return protection_of(position, snapshot.orders.values())


def quote_age_s(shown: Shown, now: datetime) -> float | None:
    """Return the age of the latest market data of the symbol on show, seconds; None when there is none."""
    if shown.quote is None or shown.quote.received_at is None:
        return None
    return max(0.0, (now - shown.quote.received_at).total_seconds())


def _link_refusal(shown: Shown) -> str:
    text = shown.connection.text if shown.connection is not None else ""
    word = LINK_WORDS[shown.link]
    return f"Entries wait: {word}." if not text else f"Entries wait: {word} ({text.rstrip('.')})."
