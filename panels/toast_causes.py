"""Whether what a red toast told of is over: the line is up again, the difference gone, the stop back. Pure.

A refusal is of no state: it stays until it was read.
"""

from collections.abc import Callable

from core.announcement import About, Announcement
from core.link import Link
from core.model.operation import CloseStep
from core.snapshot import Certainty, Snapshot


def has_passed(notice: Announcement, snapshot: Snapshot) -> bool:
    """Say whether the cause of an announcement has passed, as far as it has one that can."""
    judge = None if notice.about is None else _PASSED.get(notice.about)
    return judge is not None and judge(notice, snapshot)


def _line(notice: Announcement, snapshot: Snapshot) -> bool:
    line = snapshot.connections.get(notice.cause)
    return line is not None and line.link is Link.READY


def _mismatch(notice: Announcement, snapshot: Snapshot) -> bool:
    scope = None if notice.key is None else snapshot.scopes.get(notice.key)
    return scope is not None and scope.certainty in (Certainty.CONFIRMED, Certainty.PENDING, Certainty.FILLS_ONLY)


def _protection(notice: Announcement, snapshot: Snapshot) -> bool:
    return not any(one.key == notice.key and one.decided is None for one in snapshot.findings)


def _store(notice: Announcement, snapshot: Snapshot) -> bool:
    return snapshot.database.ok and not snapshot.unsaved.entries and not snapshot.unsaved.in_memory


def _close(notice: Announcement, snapshot: Snapshot) -> bool:
    operation = None if notice.key is None else snapshot.operations.get(notice.key)
    return operation is None or operation.step in _ENDED or notice.key not in snapshot.positions


def _limit(notice: Announcement, snapshot: Snapshot) -> bool:
    guards = next((one for key, one in snapshot.guards.items() if str(key) == notice.cause), None)
    if guards is None or guards.paused:
        return False
    return not guards.locked and not any(one.breached for one in guards.verdicts)


# A close that was refused, or met a line that is down, is over too, and what it was for is still open.
_ENDED = (CloseStep.DONE, CloseStep.STOPPED)
_PASSED: dict[About, Callable[[Announcement, Snapshot], bool]] = {
    About.LINE: _line,
    About.MISMATCH: _mismatch,
    About.PROTECTION: _protection,
    About.STORE: _store,
    About.CLOSE: _close,
    About.LIMIT_HIT: _limit,
}
