"""The rows of the log: the audit log of the database and what was announced in this run, in one order of time. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.announcement import Announcement, Level
from core.model.scope import AccountKey
from core.queries import AuditEvent
from panels import formatting as f
from panels.widgets.rows import Column, Figure

RECORD = "RECORD"
LEVEL_TONES = {Level.CAUTION: "caution", Level.ERROR: "danger", Level.ALARM: "danger", Level.SUCCESS: "up"}
# What names an order, a fill or a procedure among the facts of an audit row.
ID_NAMES = ("client_order_id", "server_order_id", "execution_id", "operation_id", "action_id", "name")
ModeOf = Callable[[AccountKey], str]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry.

    Attributes:
        number: of the audit row; None for what was only announced.
        level: of an announcement; RECORD for a row of the audit log.
        kind: what it is about: "message" for an announcement.
        reason: what brought a row of the audit log about.
    """

    number: int | None
    at: datetime
    level: str
    tone: str
    kind: str
    account: str
    mode: str
    text: str
    reason: str = ""
    ids: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two rows the same one."""
        return (self.number,) if self.number is not None else (self.at, self.level, self.text)


def of_event(event: AuditEvent) -> LogRow:
    """Return a row of the audit log."""
    ids = " ".join(event.data[name] for name in ID_NAMES if event.data.get(name))
    return LogRow(
        event.sequence, event.at, RECORD, "", event.kind, event.account, event.mode, event.text, event.cause, ids
    )


def of_notice(notice: Announcement, mode_of: ModeOf) -> LogRow:
    """Return an announcement."""
    key = notice.key
    account = "" if key is None else key.account
    mode = "" if key is None else mode_of(key.account_key)
    tone = LEVEL_TONES.get(notice.level, "")
    return LogRow(None, notice.at, notice.level.value, tone, "message", account, mode, notice.text)


def matches(row: LogRow, words: str) -> bool:
    """Return whether every typed word occurs in the entry."""
    text = " ".join((row.level, row.kind, row.account, row.mode, row.text, row.reason, row.ids)).casefold()
    return all(word in text for word in words.casefold().split())


def merged(
    events: Sequence[AuditEvent], notices: Iterable[LogRow], is_newest: bool, older_at: datetime | None
) -> tuple[LogRow, ...]:
    """Return a page of audit rows with the announcements of that stretch of time between them, newest first.

    Args:
        events: one page, newest first.
        notices: announcements that fit what is searched for.
        is_newest: the page is the first: nothing lies beyond it.
        older_at: when the next page begins; None on the last.
    """
    rows = [of_event(event) for event in events]
    newest = None if is_newest or not rows else rows[0].at
    between = [
        one for one in notices if (newest is None or one.at <= newest) and (older_at is None or one.at > older_at)
    ]
    # Of one instant the record stands below what was said of it, and what was said last on top.
    found = sorted(
        [*rows, *reversed(between)], key=lambda row: (row.at, row.number is None, row.number or 0), reverse=True
    )
    return tuple(found)


def _moment(row: LogRow) -> tuple[datetime, bool, int]:
    return row.at, row.number is None, row.number or 0


def columns(zone: tzinfo | None) -> tuple[Column[LogRow], ...]:
    """Return the columns of the log."""
    return (
        Column(
            "Time",
            lambda row: f"{f.day(row.at, zone)} {f.zoned(row.at, zone)}",
            216,
            True,
            value=lambda row: row.at,
            figure=Figure.MOMENT,
        ),
        Column("Level", lambda row: row.level, 80, tone=lambda row: row.tone),
        Column("Kind", lambda row: row.kind, 84),
        Column("Account", lambda row: row.account, 90),
        Column("Mode", lambda row: row.mode, 58),
        Column("Text", lambda row: row.text, 430),
        Column("Reason", lambda row: row.reason, 120),
        Column("IDs", lambda row: row.ids, 60),
    )
