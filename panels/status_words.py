"""What the cells of the status bar say: how each part is, in a few words and a tone, with the details. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from core.link import Link
from core.model.session import GLOBEX_EQUITY_INDEX, SessionTemplate
from core.snapshot import Certainty, ConnectionStatus, DatabaseStatus, Snapshot
from panels import formatting as f
from panels.display_zone import DisplayZone
from panels.feed_watch import Feed, Freshness
from panels.shown import Shown

if TYPE_CHECKING:
    from core.model.guards import AccountGuards
    from core.unsaved_work import UnsavedWork
    from panels.wishes import OpenReconcile, OpenRecovery

SLOW_ACK_MS = 500.0
SLOW_COMMIT_MS = 50.0
MANY_WAITING = 100
LATE_MS, VERY_LATE_MS = 100.0, 500.0
# How far the venue's clock may be off.
DRIFT_S, DRIFT_BAD_S = 1, 5


@dataclass(frozen=True, slots=True)
class Status:
    """One cell. tone: "", caution or danger. wish: what a press asks of the window; None tells the details."""

    text: str
    tone: str = ""
    detail: str = ""
    wish: OpenRecovery | OpenReconcile | None = None


def orders_status(connection: ConnectionStatus | None, now: datetime, monotonic_s: float) -> Status:
    """Return the state of the orders link."""
    if connection is None:
        return Status("Orders –", "caution", "No connection is set up.")
    detail = " · ".join(part for part in (connection.connection, connection.server, connection.text) if part)
    if connection.link is Link.READY:
        if connection.ack_ms is None:
            return Status("Orders ●", "", f"{detail}: ready; no order acknowledged yet.")
        worst_ms = max(connection.ack_ms, connection.ack_slow_ms or 0.0)
        told = f"{detail}: ready; half the answers within {connection.ack_ms:.0f} ms, 95 of 100 in {worst_ms:.0f} ms."
        return Status(f"Orders ● {connection.ack_ms:.0f} ms", "caution" if worst_ms > SLOW_ACK_MS else "", told)
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
        from panels.wishes import OpenRecovery

        told = "Recovery waits for your decision; these scopes are locked."
        return Status(f"{undecided} undecided", "danger", told, OpenRecovery())
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
        from panels.wishes import OpenReconcile

        word = "mismatch" if mismatches == 1 else "mismatches"
        return Status(f"{mismatches} {word}", "danger", "The broker's report differs from our fills.", OpenReconcile())
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
    worst_ms = max(database.commit_ms, database.slow_ms or 0.0)
    told = f"Half of the commits within {database.commit_ms:.0f} ms, 95 of 100 in {worst_ms:.0f} ms."
    if database.waiting > MANY_WAITING:
        return Status(f"DB ● {database.waiting} wait", "caution", f"{told} {database.waiting} messages wait.")
    if worst_ms > SLOW_COMMIT_MS:
        return Status(f"DB ● {worst_ms:.0f} ms", "caution", told)
    return Status("DB ●", "", told)


def clock_status(
    now: datetime, zone: tzinfo | None, ahead: timedelta | None = None, hours: SessionTemplate = GLOBEX_EQUITY_INDEX
) -> Status:
    """Return the wall clock in the display zone with the next session reset, and how far the venue's clock is off.

    Args:
        ahead: the venue's clock beyond ours, signed; None while it is not measured.
        hours: of the symbol on show; its trading day ends when the next opens.
    """
    time = f"{f.clock(now, zone)} {_zone_word(now, zone)} {f.offset(now, zone)}"
    resets = next_reset(now, hours)
    detail = f"{f.day(now, zone)}, times are shown in this zone. The trading day ends at {f.zoned(resets, zone)}."
    off_s = Decimal(0) if ahead is None else Decimal(f"{ahead.total_seconds():.1f}")
    if abs(off_s) <= DRIFT_S:
        return Status(f"{time} · resets {f.clock(resets, zone, seconds=False)}", "", detail)
    word = "ahead" if off_s > 0 else "behind"
    told = f"The venue's clock is {abs(off_s)} s {word} of this computer's. {detail}"
    return Status(f"{time} · venue {abs(off_s)} s {word}", "danger" if abs(off_s) > DRIFT_BAD_S else "caution", told)


def next_reset(now: datetime, hours: SessionTemplate) -> datetime:
    """Return when the next trading day of a product opens by the clock, aware; on days without trading too."""
    local = now.astimezone(hours.zone)
    at = datetime.combine(local.date(), hours.opens, hours.zone)
    return at if at > local else datetime.combine(local.date() + timedelta(days=1), hours.opens, hours.zone)


def ui_status(late_ms: float) -> Status:
    """Return how late the window is; nothing to be shown while it is not."""
    if late_ms <= LATE_MS:
        return Status("")
    told = "The window answers late: something on this computer takes its time. Trading runs beside it."
    return Status(f"UI {late_ms:.0f} ms", "danger" if late_ms > VERY_LATE_MS else "caution", told)


def alerts_status(snapshot: Snapshot) -> Status:
    """Return how often alerts rang unread, and whether some are not watched now."""
    alerts = snapshot.alerts
    unread = sum(one.unread for one in alerts)
    blind = sum(bool(one.reason) for one in alerts)
    watched = sum(one.is_watched for one in alerts)
    text = f"Alerts {unread} new" if unread else f"Alerts {watched}" if watched else "Alerts"
    told = f"{watched} watched, {unread} rang and are unread. Press for the list."
    if blind:
        return Status(f"{text} · {blind} blind", "caution", f"{blind} cannot be evaluated now. {told}")
    return Status(text, "caution" if unread else "", told)


def _trying(connection: ConnectionStatus, monotonic_s: float) -> str:
    attempt = f"try {connection.attempt}" if connection.attempt else "connecting"
    if connection.retry_at_s is None:
        return f"Orders ○ {attempt}"
    return f"Orders ○ {attempt}, next {max(0.0, connection.retry_at_s - monotonic_s):.0f} s"


def _undecided(snapshot: Snapshot) -> int:
    if snapshot.recovery is None:
        return 0
    from core.model.recovery import RecoveryChoice

    rows = [row for row in snapshot.recovery.rows if not row.in_session]
    return sum(row.decided in (None, RecoveryChoice.IGNORE) for row in rows)


def _zone_word(now: datetime, zone: tzinfo | None) -> str:
    """Return a zone as its traders say it: CT whether or not the clocks went forward."""
    meant = zone.zone if isinstance(zone, DisplayZone) else zone
    return "CT" if getattr(meant, "key", "") == "America/Chicago" else f.zone_label(now, zone)
