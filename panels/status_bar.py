"""The status bar: six cells in words, each a button; amber and red by words and colour, never hidden."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolTip, QWidget

from core.emergency import UnsavedWork
from core.link import Link
from core.model.guards import AccountGuards
from core.model.recovery import RecoveryChoice
from core.snapshot import Certainty, ConnectionStatus, DatabaseStatus, Snapshot
from panels import formatting as f
from panels.feed_watch import Feed, FeedWatch, Freshness
from panels.shown import Shown, shown_in
from panels.theme import font, size
from panels.widgets.controls import button, explain
from panels.widgets.labels import name_value, set_property

SLOW_ACK_MS = 500.0
SLOW_COMMIT_MS = 50.0
# How far the venue's clock may be off.
DRIFT_S, DRIFT_BAD_S = 1, 5


@dataclass(frozen=True, slots=True)
class Status:
    """One cell. tone: "", caution or danger."""

    text: str
    tone: str = ""
    detail: str = ""


def orders_status(connection: ConnectionStatus | None, now: datetime, monotonic_s: float) -> Status:
    """Return the state of the orders link."""
    if connection is None:
        return Status("Orders –", "caution", "No connection is set up.")
    detail = " · ".join(part for part in (connection.connection, connection.server, connection.text) if part)
    if connection.link is Link.READY:
        if connection.ack_ms is None:
            return Status("Orders ●", "", f"{detail}: ready; no order acknowledged yet.")
        slow = connection.ack_ms > SLOW_ACK_MS
        return Status(f"Orders ● {connection.ack_ms:.0f} ms", "caution" if slow else "", f"{detail}: ready.")
    if connection.link is Link.SYNCING:
        return Status("Orders ○ reading books", "caution", f"{detail}: reading orders, fills and positions.")
    if connection.link is Link.DOUBTFUL:
        return Status("Orders ? in doubt", "caution", f"{detail}: messages may have been lost; asking again.")
    if connection.link is Link.REFUSED:
        return Status("Orders ✕ refused", "danger", f"{detail}: the server refused the logon.")
    if connection.link is Link.CONNECTING or connection.retry_at_s is not None:
        return Status(_trying(connection, monotonic_s), "caution", f"{detail}: down {f.since(connection.since, now)}.")
    return Status(f"Orders ✕ {f.since(connection.since, now)}", "danger", f"{detail}: down.")


def data_status(feed: Feed, shown: Shown) -> Status:
    """Return the state of the market data of the symbol on show."""
    if feed.age_s is None:
        return Status("Data –", "" if shown.key is None else "caution", "No market data of this symbol yet.")
    symbol = shown.key.symbol if shown.key is not None else ""
    age = f"{feed.age_s:.1f} s" if feed.age_s < 10 else f.duration(feed.age_s)
    if feed.freshness is Freshness.SILENT:
        return Status(f"Data STALE {age}", "danger", f"{symbol}: no update for {age}.")
    if feed.freshness is Freshness.RESTING:
        word = shown.quote.text if shown.quote is not None and shown.quote.text else "Out of session"
        return Status(f"Data ○ {word}", "", f"{symbol}: {word.lower()}; the latest update is {age} old.")
    tone = "caution" if feed.freshness is Freshness.SLOW else ""
    return Status(f"Data ● {age}", tone, f"{symbol}: the latest update is {age} old.")


def account_status(shown: Shown, guards: AccountGuards | None = None) -> Status:
    """Return the account on show and whether the broker lets it trade."""
    if shown.account_key is None:
        return Status("No account", "caution", "The broker has named no account yet.")
    name = f"{shown.account_key.account} · {shown.mode_word}"
    if shown.account is not None and shown.account.trading_disabled:
        return Status(f"{name} · refused by broker", "danger", "The broker refuses orders for this account.")
    if guards is not None and guards.locked:
        return Status(f"{name} · locked for session", "caution", f"{guards.locked} Closing and reducing work.")
    detail = f"On connection {shown.account_key.connection}."
    return Status(name, "caution" if shown.is_unclassified else "", detail)


def certainty_status(snapshot: Snapshot, now: datetime) -> Status:
    """Return how sure the books are over all scopes; the worst counts."""
    undecided = _undecided(snapshot)
    if undecided:
        return Status(f"{undecided} undecided", "danger", "Recovery waits for your decision; these scopes are locked.")
    # A scope that is flat on both sides has nothing to be sure of.
    held = [one for key, one in snapshot.scopes.items() if key in snapshot.positions or one.broker_quantity]
    found = [status.certainty for status in held]
    if not snapshot.connections:
        return Status("Nothing to confirm", "", "No connection yet.")
    alive = all(one.link in (Link.READY, Link.SYNCING) for one in snapshot.connections.values())
    if not alive:
        return Status("Unconfirmed: link down", "danger", "The broker is not heard; figures are from before.")
    mismatches = found.count(Certainty.MISMATCH)
    if mismatches:
        word = "mismatch" if mismatches == 1 else "mismatches"
        return Status(f"{mismatches} {word}", "danger", "The broker's report differs from our fills.")
    for one in (Certainty.STALE, Certainty.UNVERIFIED, Certainty.PENDING, Certainty.FILLS_ONLY):
        if one in found:
            return Status(
                f"{found.count(one)} {one.value}", "caution", "Not every position is confirmed by the broker."
            )
    times = [status.broker_time for status in held if status.broker_time is not None]
    if not times:
        return Status("No open position", "", "Neither here nor in the broker's report.")
    return Status(
        f"All confirmed {f.since(min(times), now)} ago", "", "Every scope equals the broker's explicit report."
    )


def database_status(database: DatabaseStatus, unsaved: UnsavedWork) -> Status:
    """Return the state of the store."""
    if unsaved.in_memory:
        detail = f"{unsaved.in_memory} entries are in memory only: the emergency log cannot be written either."
        return Status("DB failed – NOT SAVED", "danger", detail)
    if unsaved.entries:
        detail = f"{unsaved.entries} entries wait in the emergency log. {database.text}".rstrip()
        return Status("DB failed – emergency log", "danger", detail)
    if not database.ok:
        return Status("DB failed – emergency log", "danger", database.text or "The database does not take writes.")
    if database.commit_ms is None:
        return Status("DB ●", "", "Nothing committed yet.")
    slow = database.commit_ms > SLOW_COMMIT_MS
    text = f"DB ● {database.commit_ms:.0f} ms" if slow else "DB ●"
    return Status(text, "caution" if slow else "", f"A commit takes {database.commit_ms:.0f} ms.")


def clock_status(now: datetime, zone: tzinfo | None, ahead: timedelta | None = None) -> Status:
    """Return the wall clock in the display zone, and how far the venue's is off where that matters.

    Args:
        ahead: the venue's clock beyond ours, signed; None while it is not measured.
    """
    time = f"{f.zoned(now, zone)} {f.offset(now, zone)}"
    detail = f"{f.day(now, zone)}, times are shown in this zone."
    off_s = Decimal(0) if ahead is None else Decimal(f"{ahead.total_seconds():.1f}")
    if abs(off_s) <= DRIFT_S:
        return Status(time, "", detail)
    word = "ahead" if off_s > 0 else "behind"
    told = f"The venue's clock is {abs(off_s)} s {word} of this computer's. {detail}"
    return Status(f"{time} · venue {abs(off_s)} s {word}", "danger" if abs(off_s) > DRIFT_BAD_S else "caution", told)


class StatusBar(QWidget):
    """The six cells.

    Signals:
        account_pressed: the account's cell was pressed, with the cell; the others tell their details by themselves.
    """

    account_pressed = Signal(QWidget)

    def __init__(self, feed: FeedWatch, zone: tzinfo | None = None):
        super().__init__()
        self.setObjectName("statusBar")
        self.setProperty("kind", "bar")
        self.setAccessibleName("Status")
        self._feed, self._zone = feed, zone
        self.setFixedHeight(size("statusBar"))
        names = {
            "statusOrders": "Orders link",
            "statusData": "Data link",
            "statusAccount": "Account",
            "statusCertainty": "Certainty",
            "statusDb": "Database",
            "statusClock": "Clock",
        }
        self._names = names
        self.cells = {name: button(name, "", words, "status") for name, words in names.items()}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for name, cell in self.cells.items():
            cell.setFont(font("label", number=name in ("statusClock",)))
            cell.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
            if name == "statusClock":
                layout.addStretch(1)
            layout.addWidget(cell)
            cell.clicked.connect(lambda _checked=False, pressed=cell: self._press(pressed))

    def refresh(self, snapshot: Snapshot, now_utc: datetime, monotonic_s: float) -> None:
        """Say how everything is."""
        shown = shown_in(snapshot)
        connection = shown.connection or next(iter(snapshot.connections.values()), None)
        self._show("statusOrders", orders_status(connection, now_utc, monotonic_s))
        self._show("statusData", data_status(self._feed.judge(shown, now_utc), shown))
        self._show("statusAccount", account_status(shown, _guards(snapshot, shown)))
        self._show("statusCertainty", certainty_status(snapshot, now_utc))
        self._show("statusDb", database_status(snapshot.database, snapshot.unsaved))
        ahead = None if connection is None else snapshot.clock_ahead.get(connection.connection)
        self._show("statusClock", clock_status(now_utc, self._zone, ahead))

    def focus_first(self) -> None:
        """Put the keyboard on the first cell."""
        self.cells["statusOrders"].setFocus()

    def _press(self, cell: QPushButton) -> None:
        if cell is self.cells["statusAccount"]:
            self.account_pressed.emit(cell)
        else:
            _tell(cell)

    def _show(self, name: str, status: Status) -> None:
        cell = self.cells[name]
        if cell.text() != status.text:
            cell.setText(status.text)
        name_value(cell, self._names[name], status.text)
        explain(cell, status.detail)
        set_property(cell, "tone", status.tone)


def _guards(snapshot: Snapshot, shown: Shown) -> AccountGuards | None:
    return None if shown.account_key is None else snapshot.guards.get(shown.account_key)


def _tell(cell: QPushButton) -> None:
    """Show a cell's details at once, for those who press instead of waiting."""
    QToolTip.showText(cell.mapToGlobal(QPoint(0, -8)), cell.toolTip(), cell)


def _trying(connection: ConnectionStatus, monotonic_s: float) -> str:
    attempt = f"try {connection.attempt}" if connection.attempt else "connecting"
    if connection.retry_at_s is None:
        return f"Orders ○ {attempt}"
    return f"Orders ○ {attempt}, next {max(0.0, connection.retry_at_s - monotonic_s):.0f} s"


def _undecided(snapshot: Snapshot) -> int:
    if snapshot.recovery is None:
        return 0
    rows = [row for row in snapshot.recovery.rows if not row.in_session]
    return sum(row.decided in (None, RecoveryChoice.IGNORE) for row in rows)
