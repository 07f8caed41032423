"""What the diagnostics say of the running program, part by part: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.snapshot import Snapshot
from panels import formatting as f
from panels.shown import ALIVE_LINKS, LINK_WORDS
from panels.widgets.rows import Column

WORRYING_COMMIT_MS, WORRYING_QUEUE, WORRYING_LAG_MS = 50.0, 100, 100.0


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing and how it stands; tone: how loud that is."""

    part: str
    what: str
    value: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class OpenDiagnostics:
    """Show the diagnostics; the program around the engine answers it."""


@dataclass(frozen=True, slots=True)
class WindowFigures:
    """How the window does: frames drawn in a second, and the worst lateness of its thread in the last two, ms."""

    frames_s: float | None
    late_ms: float | None


def facts_of(
    snapshot: Snapshot,
    now: datetime,
    zone: tzinfo | None,
    threads: Iterable[tuple[str, bool]],
    window: WindowFigures,
    versions: Iterable[tuple[str, str]],
) -> tuple[Fact, ...]:
    """Return every fact.

    Args:
        threads: each with whether it runs.
    """
    return (
        *_lines(snapshot, now, zone),
        *(Fact("Thread", name, "runs" if runs else "HAS ENDED", "" if runs else "danger") for name, runs in threads),
        *_engine(snapshot),
        *_window(window),
        *(Fact("Version", name, what) for name, what in versions),
    )


def as_text(facts: Sequence[Fact], now: datetime) -> str:
    """Return the facts as they are copied and sent: one in a line."""
    lines = (f"{one.part}: {one.what}: {one.value}" for one in facts)
    return "\n".join((f"Stanchion, {now.isoformat(timespec='seconds')}", *lines, ""))


def columns() -> tuple[Column[Fact], ...]:
    """Return the columns of the diagnostics."""
    return (
        Column("Part", lambda row: row.part, 92),
        Column("What", lambda row: row.what, 190),
        Column("State", lambda row: row.value, 380, tone=lambda row: row.tone),
    )


def _lines(snapshot: Snapshot, now: datetime, zone: tzinfo | None) -> Iterable[Fact]:
    for name, status in sorted(snapshot.connections.items()):
        words = [f"{LINK_WORDS[status.link]} since {f.zoned(status.since, zone)} ({f.since(status.since, now)})"]
        words += [status.server, status.text, f"try {status.attempt}" if status.attempt else ""]
        yield Fact(
            "Connection",
            name,
            " · ".join(part for part in words if part),
            "" if status.link in ALIVE_LINKS else "danger",
        )
        yield Fact("Connection", f"{name}: order answered after", _ms(status.ack_ms))
        ahead = snapshot.clock_ahead.get(name)
        if ahead is not None:
            yield Fact(
                "Connection", f"{name}: its clock is ahead by", f"{ahead.total_seconds():+.1f} s".replace("-", "−")
            )


def _engine(snapshot: Snapshot) -> Iterable[Fact]:
    database, waiting = snapshot.database, snapshot.database.waiting
    state = database.text or ("takes writes" if database.ok else "FAILED")
    yield Fact("Engine", "Database", state, "" if database.ok else "danger")
    yield Fact("Engine", "Commit, median", _ms(database.commit_ms))
    slow = database.slow_ms is not None and database.slow_ms > WORRYING_COMMIT_MS
    yield Fact("Engine", "Commit, slowest twentieth", _ms(database.slow_ms), "caution" if slow else "")
    yield Fact("Engine", "Messages waiting", str(waiting), "caution" if waiting > WORRYING_QUEUE else "")
    yield Fact("Engine", "Not in the database yet", str(snapshot.unsaved.entries))
    yield Fact("Engine", "Executions told again", str(snapshot.duplicates))
    halted = snapshot.halted or snapshot.locked
    yield Fact("Engine", "Entries", halted or "not halted", "danger" if halted else "")


def _window(window: WindowFigures) -> Iterable[Fact]:
    frames = f.UNKNOWN if window.frames_s is None else f"{window.frames_s:.0f} a second"
    yield Fact("Window", "Frames drawn", frames)
    late = window.late_ms is not None and window.late_ms > WORRYING_LAG_MS
    yield Fact("Window", "Lateness, worst of two seconds", _ms(window.late_ms), "caution" if late else "")


def _ms(value: float | None) -> str:
    return f.UNKNOWN if value is None else f"{value:.1f} ms"
