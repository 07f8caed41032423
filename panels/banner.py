"""Banners: what stands in the way until it is resolved, one per cause, the gravest first, each with what to do."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.commands import AskBroker, DecideFinding, ReconnectNow, SelectAccount, SelectSymbol
from core.link import Link
from core.model.finding import Finding, FindingChoice, FindingKind
from core.model.recovery import RecoveryChoice
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels.close_strip import LOUD
from panels.finding_words import banner_words
from panels.reconcile_words import differing, figures
from panels.roll_words import roll_notices
from panels.shown import LINK_WORDS, shown_in
from panels.widgets.controls import button, explain
from panels.widgets.labels import TextLabel, name_value, set_property
from panels.wishes import OpenReconcile, OpenRecovery

MAX_BANNERS = 3
TONES = ("danger", "caution", "")
# A button whose meaning has just changed under the hand hears nothing for this long.
DEAF_S = 0.3


@dataclass(frozen=True, slots=True)
class Banner:
    """One cause.

    Attributes:
        tone: danger, caution, or "" for what passes by itself.
        action: words of the button, "" for none; command is what it asks.
        later: under which name it can be put off; "" where it cannot.
    """

    text: str
    tone: str
    action: str = ""
    command: object = None
    later: str = ""


def banners(
    snapshot: Snapshot,
    now: datetime | None = None,
    put_off: Collection[str] = frozenset(),
    standing: Iterable[Banner] = (),
) -> tuple[Banner, ...]:
    """Return the causes of a snapshot, the gravest first.

    Args:
        now: for what goes by the calendar; None leaves that out.
        put_off: names of what the trader wants to see later.
        standing: what else stands, of the window itself.
    """
    found = _of_findings(snapshot, FindingKind.MISSING_PROTECTION)
    found += _of_findings(snapshot, FindingKind.ORPHAN_ORDER)
    found += _asking_elsewhere(snapshot)
    if snapshot.halted:
        found.append(Banner(f"Entries are halted: {snapshot.halted}", "danger"))
    if snapshot.locked:
        found.append(Banner(snapshot.locked, "danger"))
    found += _store(snapshot)
    found += _mismatches(snapshot)
    found += _of_findings(snapshot, FindingKind.UNKNOWN_ORDER)
    found += _lines(snapshot)
    found += _undecided(snapshot)
    found += _of_findings(snapshot, FindingKind.WORKING_ORDER)
    found += _locks(snapshot)
    found += _kept(snapshot)
    found += [] if now is None else _rolls(snapshot, now)
    found = [one for one in (*found, *standing) if one.later not in put_off or not one.later]
    found.sort(key=lambda one: TONES.index(one.tone))  # keeps the order among those of one tone
    if len(found) > MAX_BANNERS:
        found, rest = found[: MAX_BANNERS - 1], found[MAX_BANNERS - 1 :]
        # The button is that of the one named; when it is settled the next takes its place.
        found.append(replace(rest[0], text=f"{len(rest)} more: {rest[0].text} …"))
    return tuple(found)


def _rolls(snapshot: Snapshot, now: datetime) -> list[Banner]:
    """Contracts that roll soon or have; one that expired with something open in it cannot be put off."""
    return [
        Banner(
            one.text,
            "danger" if one.is_grave else "caution",
            one.action,
            one.command,
            later="" if one.is_grave else one.name,
        )
        for one in roll_notices(snapshot, now)
    ]


def _store(snapshot: Snapshot) -> list[Banner]:
    """A database that refuses, and what waits for it."""
    work, database = snapshot.unsaved, snapshot.database
    if work.in_memory:
        text = (
            f"NOT SAVED: {_counted(work.in_memory)} in memory only. Neither the database nor the emergency log can be "
            "written. Closing works. Make room on the disk; do not end the program."
        )
        return [Banner(text, "danger")]
    if work.entries:
        what = "Trade" if work.fills else "What happened is"
        text = (
            f"{what} saved to emergency log: {_counted(work.entries)}. They go into the database as soon as it takes "
            "writes, or at the next start. Closing works."
        )
        return [Banner(text, "danger")]
    if database.ok:
        return []
    detail = f" ({database.text})" if database.text else ""
    return [
        Banner(f"The database does not take writes{detail}. Closing works; fills go to the emergency log.", "danger")
    ]


def _counted(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"


def _mismatches(snapshot: Snapshot) -> list[Banner]:
    """Differences of quantity; one that recovery found is decided in its dialog, one that came up later by itself."""
    found = []
    waiting = _waiting(snapshot)
    for key in differing(snapshot):
        text = f"{figures(key, snapshot)} Entries wait."
        action, wish = ("Decide…", OpenRecovery()) if key in waiting else ("Reconcile…", OpenReconcile(key))
        found.append(Banner(text, "danger", action, wish))
    return found


def _of_findings(snapshot: Snapshot, kind: FindingKind) -> list[Banner]:
    """Orders and missing stops nobody has decided yet."""
    tone = "caution" if kind is FindingKind.WORKING_ORDER else "danger"
    return [
        Banner(_said(one, snapshot), tone, *_way_out(one))
        for one in snapshot.findings
        if one.kind is kind and one.decided is None
    ]


def _kept(snapshot: Snapshot) -> list[Banner]:
    """Orphans the trader kept: they stay in sight for as long as they work."""
    return [
        Banner(_said(one, snapshot), "caution", *_way_out(one))
        for one in snapshot.findings
        if one.kind is FindingKind.ORPHAN_ORDER and one.decided is FindingChoice.KEEP
    ]


def _said(finding: Finding, snapshot: Snapshot) -> str:
    key = finding.key
    instrument = snapshot.instruments.get((key.connection, key.symbol))
    return f"{key.symbol} {key.account}: {banner_words(finding, instrument)}"


def _way_out(finding: Finding) -> tuple[str, object]:
    """Return what the button says and asks: flat, only a cancel makes sense; with a position there is a choice."""
    if finding.kind is FindingKind.ORPHAN_ORDER and finding.position is None:
        cancel = DecideFinding(finding.key, finding.name, FindingChoice.CANCEL_ORDER, finding.version)
        return "Cancel it", cancel
    return "Decide…", OpenRecovery(finding.identity)


def _asking_elsewhere(snapshot: Snapshot) -> list[Banner]:
    """Closes that ask something in a scope that is not on show, as after flattening a whole account."""
    shown, account = shown_in(snapshot).key, snapshot.selected_account
    found = []
    for key, operation in sorted(snapshot.operations.items()):
        if operation.choices and key != shown:
            to_account, to_symbol = SelectAccount(key.account_key), SelectSymbol(key.connection, key.symbol)
            tone = "danger" if operation.branch in LOUD else "caution"
            text = f"{key.symbol} {key.account}: {operation.text}"
            found.append(Banner(text, tone, "Show", to_symbol if key.account_key == account else to_account))
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
    waiting = sorted(_waiting(snapshot) - set(differing(snapshot)))
    if not waiting:
        return []
    names = ", ".join(f"{key.symbol} {key.account}" for key in waiting)
    text = f"{len(waiting)} undecided: {names}. No entries there until you decide."
    return [Banner(text, "danger", "Decide…", OpenRecovery())]


def _waiting(snapshot: Snapshot) -> set[PositionKey]:
    """Return the scopes the recovery dialog has yet to decide, or that were put off there."""
    rows = [] if snapshot.recovery is None else [row for row in snapshot.recovery.rows if not row.in_session]
    put_off = any(row.decided is RecoveryChoice.IGNORE for row in rows)
    if not put_off and (snapshot.recovery is None or not snapshot.recovery.wants_dialog):
        return set()
    return {row.key for row in rows if row.decided in (None, RecoveryChoice.IGNORE)}


def _locks(snapshot: Snapshot) -> list[Banner]:
    """Blocks of connections and scopes that none of the graver causes has named already."""
    found = []
    waiting = _waiting(snapshot) | set(differing(snapshot))
    places = {key.connection for key in _waiting(snapshot)}
    for name, reason in sorted(snapshot.entry_block.items()):
        connection = snapshot.connections.get(name)
        if reason and name not in places and connection is not None and connection.link is Link.READY:
            found.append(Banner(f"{name}: {reason}", "caution", "Ask broker", AskBroker(name)))
    for key, status in sorted(snapshot.scopes.items()):
        if status.lock and key not in waiting:
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
        self.deaf_until_s = float("-inf")
        self.text = TextLabel(f"bannerText_{number}", bold=True)
        self.action = button(f"bannerAction_{number}", "", "")
        self.later = button(f"bannerLater_{number}", "Later", "Later")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 1, 8, 1)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.action)
        layout.addWidget(self.later)

    def show_banner(self, banner: Banner) -> None:
        """Show a cause and what can be done about it."""
        set_property(self, "tone", banner.tone)
        self.text.say(banner.text)
        self.action.setText(banner.action)
        self.action.setAccessibleName(f"{banner.action}: {banner.text}")
        self.action.setVisible(bool(banner.action))
        self.later.setAccessibleName(f"Later: {banner.text}")
        self.later.setVisible(bool(banner.later))

    def listen(self, monotonic_s: float) -> None:
        """Hear the button, unless another one stood here a moment ago."""
        is_awake = monotonic_s >= self.deaf_until_s
        for made, words in ((self.action, ""), (self.later, "Hides this until tomorrow, or until it changes.")):
            made.setEnabled(is_awake)
            explain(made, words if is_awake else "This banner has just taken the place of another.")


class BannerArea(QWidget):
    """The banners of the window.

    Signals:
        intent: AskBroker, ReconnectNow, DecideFinding, SelectSymbol; OpenRecovery and OpenReconcile, which stay in
            the window.
    """

    intent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bannerArea")
        self.setAccessibleName("Banners")
        self._drawn: tuple[Banner, ...] = ()
        self._put_off: set[str] = set()
        self._standing: dict[str, Banner] = {}
        self._rows: list[_Row] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        self.hide()

    def refresh(self, snapshot: Snapshot, monotonic_s: float, now_utc: datetime | None = None) -> None:
        """Show what stands in the way now."""
        wanted = banners(snapshot, now_utc, self._put_off, self._standing.values())
        if wanted != self._drawn:
            self._draw(wanted, monotonic_s)
        for row in self._rows[: len(wanted)]:
            row.listen(monotonic_s)

    def stand(self, cause: str, text: str) -> None:
        """Show a caution of the window itself until its cause is over, which an empty text says."""
        self._standing.pop(cause, None)
        self._put_off -= {one for one in self._put_off if one.startswith(f"{cause}: ") and one != f"{cause}: {text}"}
        if text:
            self._standing[cause] = Banner(text, "caution", later=f"{cause}: {text}")

    def _draw(self, wanted: tuple[Banner, ...], monotonic_s: float) -> None:
        while len(self._rows) < len(wanted):
            self._add_row()
        for at, (row, banner) in enumerate(zip(self._rows, wanted, strict=False)):
            was = self._drawn[at] if at < len(self._drawn) else Banner("", "")
            if was.command is not None and (was.command, was.later) != (banner.command, banner.later):
                row.deaf_until_s = monotonic_s + DEAF_S
            row.show_banner(banner)
        self._drawn = wanted
        for at, row in enumerate(self._rows):
            row.setVisible(at < len(wanted))
        name_value(self, "Banners", "; ".join(banner.text for banner in wanted))
        self.setVisible(bool(wanted))

    def _add_row(self) -> None:
        number = len(self._rows)
        row = _Row(number)
        row.action.clicked.connect(lambda: self.intent.emit(self._drawn[number].command))
        row.later.clicked.connect(lambda: self._put_off.add(self._drawn[number].later))
        self._rows.append(row)
        self._layout.addWidget(row)
