"""The rows of recovery, as pure functions: what a new finding makes of an old row, and what a row locks.

A row that states the same facts again keeps its version and its decision, unless that decision had done away with
them. One that matches is decided by itself, unless
the last session ended uncleanly and the trader has not confirmed the scope since. Anything else waits for him.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from core.broker_report import PositionReport
from core.commands import DecideRecovery
from core.model.fill import Fill
from core.model.position import Position
from core.model.recovery import RecoveryChoice, RecoveryRow, Situation
from core.model.scope import Account, Mode
from core.snapshot import ScopeStatus

HEDGING = (
    "the broker keeps long and short positions of one symbol apart; this program nets them and opens nothing there."
)
UNDECIDED = "a recovered position waits for your decision."
DIFFERENT = "here and at the broker it differs; reconcile it first."
UNCONFIRMED = "the position was adopted without the broker's answer; entries wait for it."
IGNORED = "this scope was left undecided; reconcile it first."
REASON_LENGTH = 3
# What books the broker's figure.
_BY_HIS_FIGURE = (RecoveryChoice.ADOPT, RecoveryChoice.CLOSE_BROKER, RecoveryChoice.RECORD_CLOSED)
MISMATCHED = "the broker's position differs from ours; he is being asked again."


def lock_of(row: RecoveryRow) -> str:
    """Return why entries are refused in the scope of a row; empty when they are not."""
    if row.decided is None:
        return DIFFERENT if row.in_session else UNDECIDED
    if row.decided is RecoveryChoice.IGNORE:
        return IGNORED
    return UNCONFIRMED if row.situation is Situation.NO_ANSWER else ""


def following(found: RecoveryRow, held: RecoveryRow | None, confirm: bool) -> RecoveryRow:
    """Return the row that takes the place of the one held.

    Args:
        confirm: the trader must confirm this scope even if it matches.
    """
    decided = RecoveryChoice.ADOPT if found.situation is Situation.MATCH and not confirm else None
    if held is None:
        return replace(found, version=1, decided=decided)
    if not same_facts(held, found) or _was_corrected(held):
        return replace(found, version=held.version + 1, decided=decided)
    return replace(found, version=held.version, decided=held.decided or decided)


def refreshed(found: RecoveryRow, held: RecoveryRow) -> RecoveryRow:
    """Return a row the trader has set aside as it is now, still set aside, so that he can decide it later."""
    version = held.version if same_facts(held, found) else held.version + 1
    same = {"in_session": held.in_session, "fills_quantity": held.fills_quantity}
    return replace(found, version=version, decided=held.decided, **same)  # type: ignore[arg-type]


def _was_corrected(row: RecoveryRow) -> bool:
    """Say whether the decision changed our books: the same difference found again is a new one."""
    adopted = row.decided is RecoveryChoice.ADOPT and row.broker_quantity not in (None, our_quantity(row))
    return adopted or row.decided in (
        RecoveryChoice.RECORD_CLOSED,
        RecoveryChoice.USE_FILLS,
        RecoveryChoice.CLOSE_BROKER,
    )


def same_facts(left: RecoveryRow, right: RecoveryRow) -> bool:
    """Say whether two rows of a scope rest on the same facts."""
    return (left.situation, left.broker_quantity, our_quantity(left)) == (
        right.situation,
        right.broker_quantity,
        our_quantity(right),
    )


def our_quantity(row: RecoveryRow) -> Decimal:
    """Return the signed quantity the row has for us; zero is flat."""
    return Decimal(0) if row.ours is None else row.ours.quantity


def outdated(row: RecoveryRow, position: Position | None, scope: ScopeStatus | None) -> bool:
    """Say whether our quantity, or what the broker last said of his, is another than the row has it."""
    ours = Decimal(0) if position is None else position.quantity
    told = None if scope is None else scope.broker_quantity
    return our_quantity(row) != ours or (None not in (told, row.broker_quantity) and told != row.broker_quantity)


def told_at(row: RecoveryRow, scope: ScopeStatus | None) -> datetime | None:
    """Return when the broker stated the figure of the row; None when he never did."""
    return None if scope is None or row.broker_quantity is None else scope.broker_time


def wants_dialog(rows: Iterable[RecoveryRow], asking: frozenset[str], unclean: bool) -> bool:
    """Say whether an open row asks for the trader: by what it is, because no answer comes, or after an unclean end."""
    undecided = [row for row in rows if row.decided is None and not row.in_session]
    late = any(row.key.connection not in asking for row in undecided)
    choice = any(row.situation not in (Situation.MATCH, Situation.NO_ANSWER) for row in undecided)
    return bool(undecided) and (unclean or late or choice)


def refusal(row: RecoveryRow, command: DecideRecovery, account: Account | None, scope: ScopeStatus | None) -> str:
    """Return why a decision cannot be carried out; empty when it can.

    While trading, books are changed for a reason only, except where no real money is behind them. A figure of before
    the line was interrupted is never booked: what was done since would seem to be in it, and be left out.
    """
    if command.choice not in row.choices:
        return f"{row.key.symbol} is {row.situation.value}: {command.choice.value} does not apply to that."
    unread = scope is None or scope.broker_quantity is None
    differs = row.broker_quantity not in (None, our_quantity(row))
    if unread and differs and command.choice in _BY_HIS_FIGURE:
        return f"{row.key.symbol}: nothing was changed. The broker has not stated it again since the line was in doubt."
    practice = account is not None and account.mode in (Mode.SIM, Mode.REPLAY)
    if row.in_session and not practice and len(command.reason.strip()) < REASON_LENGTH:
        return f"{row.key.symbol}: say in a few words why; nothing was changed."
    return ""


def facts_of(row: RecoveryRow) -> dict[str, str]:
    """Return what a decision on the row rests on, for the audit."""
    told = row.broker_quantity
    ours = f"{our_quantity(row):f}"
    return {"symbol": row.key.symbol, "ours": ours, "broker": "unknown" if told is None else f"{told:f}"}


def freshest(rows: Sequence[PositionReport] | None, scopes: Iterable[ScopeStatus]) -> tuple[PositionReport, ...] | None:
    """Return the listed positions, each replaced by what the broker said of it later, while the list was on its way.

    What he said outright on this connection of a scope his list leaves out, or all of whose list he refuses, still
    stands: leaving out says nothing.

    Args:
        scopes: those of the connection.
    """
    known = {scope.key: scope for scope in scopes}
    listed = {row.key for row in rows or ()}
    unlisted = [
        PositionReport(scope.key, scope.broker_quantity, scope.broker_price, scope.broker_time)
        for scope in known.values()
        if scope.key not in listed and scope.broker_quantity is not None and scope.broker_time is not None
    ]
    if rows is None and not unlisted:
        return None
    return (*(_later(row, known.get(row.key)) for row in rows or ()), *unlisted)


def crossed(
    row: RecoveryRow, reports: Sequence[PositionReport] | None, asked_at: datetime, fills: Iterable[Fill], now: datetime
) -> bool:
    """Say whether a fill was booked after the broker spoke of the scope: then the difference proves nothing.

    Args:
        now: wall time; a fill from a time to come was booked before the clock was set back.
    """
    told = next((one.received_at for one in reports or () if one.key == row.key), asked_at)
    later = any(one.key == row.key and told < one.received_at <= now for one in fills)
    return later and row.situation is not Situation.MATCH


def _later(row: PositionReport, scope: ScopeStatus | None) -> PositionReport:
    if scope is None or scope.broker_time is None or scope.broker_time <= row.received_at:
        return row
    return PositionReport(row.key, scope.broker_quantity, scope.broker_price, scope.broker_time)
