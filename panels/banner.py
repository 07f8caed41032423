"""Banners: what stands in the way until it is resolved, one per cause, the gravest first, each with what to do."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.commands import AskBroker, CancelOrder, ReconnectNow
from core.link import Link
from core.model.fill import Side
from core.model.order import Intent
from core.model.recovery import RecoveryChoice
from core.model.scope import PositionKey
from core.snapshot import Certainty, Snapshot
from panels import formatting as f
from panels.shown import LINK_WORDS
from panels.widgets.controls import button
from panels.widgets.labels import TextLabel, name_value, set_property

MAX_BANNERS = 3


@dataclass(frozen=True, slots=True)
class OpenRecovery:
    """The banner's own wish: show the recovery dialog. Never leaves the window."""


@dataclass(frozen=True, slots=True)
class Banner:
    """One cause.

    Attributes:
        tone: danger, caution, or "" for what passes by itself.
        action: words of the button, "" for none; command is what it asks.
    """

    text: str
    tone: str
    action: str = ""
    command: object = None


def banners(snapshot: Snapshot) -> tuple[Banner, ...]:
    """Return the causes of a snapshot, the gravest first."""
    found = []
    if snapshot.halted:
        found.append(Banner(f"Entries are halted: {snapshot.halted}", "danger"))
    if not snapshot.database.ok:
        detail = f" ({snapshot.database.text})" if snapshot.database.text else ""
        found.append(
            Banner(
                f"The database does not take writes{detail}. Closing works; fills go to the emergency log.", "danger"
            )
        )
    found += _mismatches(snapshot)
    found += _orphans(snapshot)
    found += _lines(snapshot)
    found += _undecided(snapshot)
    found += _locks(snapshot)
    if len(found) > MAX_BANNERS:
        found, rest = found[: MAX_BANNERS - 1], found[MAX_BANNERS - 1 :]
        found.append(Banner(f"{len(rest)} more: {rest[0].text} …", rest[0].tone))
    return tuple(found)


def _mismatches(snapshot: Snapshot) -> list[Banner]:
    found = []
    for key, status in sorted(snapshot.scopes.items()):
        if status.certainty is Certainty.MISMATCH:
            position = snapshot.positions.get(key)
            instrument = snapshot.instruments.get((key.connection, key.symbol))
            here = f.held(position.quantity, instrument) if position is not None else "FLAT"
            there = f.held(status.broker_quantity, instrument)
            text = f"{key.symbol} {key.account}: here {here}, broker {there}. Entries wait."
            found.append(Banner(text, "danger", "Ask broker", AskBroker(key.connection)))
    return found


def _orphans(snapshot: Snapshot) -> list[Banner]:
    """Exits that work though nothing is open: each would open a position."""
    found = []
    for order in snapshot.orders.values():
        held = snapshot.positions.get(order.key)
        idle = order.intent in (Intent.PROTECT, Intent.REDUCE, Intent.CLOSE) and order.is_working
        if idle and held is None and not order.external:
            opens = "LONG" if order.side is Side.BUY else "SHORT"
            amount = f.quantity(order.remaining)
            text = (
                f"{order.key.symbol} {order.key.account}: FLAT, but {order.side.value} {amount} {order.type.value} "
                f"still works; it would open {opens} {amount}."
            )
            found.append(Banner(text, "danger", "Cancel it", CancelOrder(order.client_order_id)))
    return found


def _lines(snapshot: Snapshot) -> list[Banner]:
    found = []
    for name, status in sorted(snapshot.connections.items()):
        if status.link in (Link.OFFLINE, Link.REFUSED, Link.DOUBTFUL) or (
            status.link is Link.CONNECTING and status.attempt > 1
        ):
            why = f": {status.text.rstrip('.')}" if status.text else ""
            tone = "caution" if status.link is Link.DOUBTFUL else "danger"
            text = f"{name}: {LINK_WORDS[status.link]}{why}. Figures are from before; entries wait."
            found.append(Banner(text, tone, "Try now", ReconnectNow(name)))
    return found


def _undecided(snapshot: Snapshot) -> list[Banner]:
    names = ", ".join(f"{key.symbol} {key.account}" for key in sorted(_waiting(snapshot)))
    if not names:
        return []
    text = f"{len(_waiting(snapshot))} undecided: {names}. No entries there until you decide."
    return [Banner(text, "danger", "Decide…", OpenRecovery())]


def _waiting(snapshot: Snapshot) -> set[PositionKey]:
    """Return the scopes the trader has yet to decide, or put off."""
    if snapshot.recovery is None:
        return set()
    put_off = any(row.decided is RecoveryChoice.IGNORE for row in snapshot.recovery.rows)
    if not snapshot.recovery.wants_dialog and not put_off:
        return set()
    return {row.key for row in snapshot.recovery.rows if row.decided in (None, RecoveryChoice.IGNORE)}


def _locks(snapshot: Snapshot) -> list[Banner]:
    """Blocks of connections and scopes that none of the graver causes has named already."""
    found = []
    waiting = _waiting(snapshot)
    places = {key.connection for key in waiting}
    for name, reason in sorted(snapshot.entry_block.items()):
        connection = snapshot.connections.get(name)
        if reason and name not in places and connection is not None and connection.link is Link.READY:
            found.append(Banner(f"{name}: {reason}", "caution", "Ask broker", AskBroker(name)))
    for key, status in sorted(snapshot.scopes.items()):
        if status.lock and key not in waiting and status.certainty is not Certainty.MISMATCH:
            found.append(
                Banner(f"{key.symbol} {key.account}: {status.lock}", "caution", "Ask broker", AskBroker(key.connection))
            )
    return found


class _Row(QFrame):
    """One banner on screen."""

    def __init__(self, number: int):
        super().__init__()
        self.setObjectName(f"banner_{number}")
        self.setProperty("kind", "notice")
        self.text = TextLabel(f"bannerText_{number}", bold=True)
        self.action = button(f"bannerAction_{number}", "", "")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 8, 2)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.action)


class BannerArea(QWidget):
    """The banners of the window.

    Signals:
        intent: AskBroker, ReconnectNow, OpenRecovery.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bannerArea")
        self.setAccessibleName("Banners")
        self._drawn: tuple[Banner, ...] = ()
        self._rows: list[_Row] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self.hide()

    def refresh(self, snapshot: Snapshot) -> None:
        """Show what stands in the way now."""
        wanted = banners(snapshot)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        while len(self._rows) < len(wanted):
            self._add_row()
        for row, banner in zip(self._rows, wanted, strict=False):
            set_property(row, "tone", banner.tone)
            row.text.say(banner.text)
            row.action.setText(banner.action)
            row.action.setAccessibleName(f"{banner.action}: {banner.text}")
            row.action.setVisible(bool(banner.action))
        for at, row in enumerate(self._rows):
            row.setVisible(at < len(wanted))
        name_value(self, "Banners", "; ".join(banner.text for banner in wanted))
        self.setVisible(bool(wanted))

    def _add_row(self) -> None:
        number = len(self._rows)
        row = _Row(number)
        row.action.clicked.connect(lambda: self.intent.emit(self._drawn[number].command))
        self._rows.append(row)
        self._layout.addWidget(row)
