"""What the recovery dialog says about a row: pure."""

from datetime import datetime, tzinfo

from core.model.instrument import Instrument
from core.model.recovery import Recovery, RecoveryChoice, RecoveryRow, Situation
from core.snapshot import Snapshot
from panels import formatting as f

OLD_HOURS = 24
CHOICE_WORDS = {
    RecoveryChoice.ADOPT: "Adopt",
    RecoveryChoice.VERIFY: "Verify: ask again",
    RecoveryChoice.RECORD_CLOSED: "Record as closed",
    RecoveryChoice.IGNORE: "Ignore: keep locked",
}
ADOPT_WORDS = {
    Situation.MATCH: "Adopt",
    Situation.SIZE_DIFFERS: "Adopt broker quantity",
    Situation.OPPOSITE_SIDE: "Adopt broker",
    Situation.ONLY_AT_BROKER: "Adopt",
    Situation.NO_ANSWER: "Adopt unconfirmed",
    Situation.FILLS_ONLY: "Adopt from fills",
}
DONE_WORDS = {
    RecoveryChoice.ADOPT: "adopted",
    RecoveryChoice.VERIFY: "asked again",
    RecoveryChoice.RECORD_CLOSED: "recorded as closed",
    RecoveryChoice.IGNORE: "ignored",
}
MEANINGS = {
    Situation.MATCH: "The broker confirms it.",
    Situation.CLOSED_AT_BROKER: "The broker says flat: it was closed while we were away.",
    Situation.SIZE_DIFFERS: "Same side, another quantity: the broker's is right.",
    Situation.OPPOSITE_SIDE: "The broker holds the opposite side.",
    Situation.ONLY_AT_BROKER: "We have no record of it; its entry time is unknown.",
    Situation.NO_ANSWER: "The broker has not answered for it. That is not flat.",
    Situation.FILLS_ONLY: "This connection does not report simulated positions.",
}


def choice_words(choice: RecoveryChoice, situation: Situation) -> str:
    """Return the text of a choice in a situation."""
    if choice is RecoveryChoice.ADOPT:
        return ADOPT_WORDS.get(situation, CHOICE_WORDS[choice])
    return CHOICE_WORDS[choice]


def header(recovery: Recovery, zone: tzinfo | None) -> str:
    """Return the sentence on top: how the session ended, what needs a decision, whose answer is awaited."""
    parts = []
    if recovery.unclean and recovery.ended_at is not None:
        parts.append(f"Last session ended unexpectedly at {f.zoned(recovery.ended_at, zone)}.")
    elif recovery.unclean:
        parts.append("Last session ended unexpectedly.")
    waiting = recovery.undecided
    orders = sum(len(row.exits) for row in waiting)
    counted = f"{len(waiting)} {'position' if len(waiting) == 1 else 'positions'}"
    if orders:
        counted += f" and {orders} {'order' if orders == 1 else 'orders'}"
    if waiting:
        parts.append(f"{counted} {'needs' if len(waiting) == 1 and not orders else 'need'} a decision.")
    elif any(row.decided is RecoveryChoice.IGNORE for row in recovery.rows):
        parts.append("Put off: entries stay locked there until you decide.")
    else:
        parts.append("Everything is decided.")
    if recovery.asking:
        parts.append(f"Waiting for the answer of {', '.join(sorted(recovery.asking))}…")
    return " ".join(parts)


def cells(row: RecoveryRow, snapshot: Snapshot, now: datetime) -> tuple[str, ...]:
    """Return the texts of a row: scope, local, broker, exits, situation."""
    assert snapshot.recovery is not None
    account = snapshot.accounts.get(row.key.account_key)
    mode = account.mode.value if account is not None and account.mode is not None else "LIVE ?"
    instrument = snapshot.instruments.get((row.key.connection, row.key.symbol))
    asking = row.key.connection in snapshot.recovery.asking
    return (
        f"{row.key.symbol}\n{row.key.account} · {mode}",
        _ours(row, instrument, now),
        "asking…" if asking else _theirs(row, instrument),
        "\n".join(row.exits) or "none",
        "ASKING\nThe broker is being asked." if asking else _situation(row),
    )


def _ours(row: RecoveryRow, instrument: Instrument | None, now: datetime) -> str:
    if row.ours is None:
        return "none"
    text = f"{f.held(row.ours.quantity, instrument)} @ {f.average(row.ours.entry_price, instrument)}"
    if row.ours.entry_time is None:
        return f"{text}\nentry time unknown"
    age = now - row.ours.entry_time
    old = " · old" if age.total_seconds() > OLD_HOURS * 3600 else ""
    return f"{text}\n{f.since(row.ours.entry_time, now)} ago{old}"


def _theirs(row: RecoveryRow, instrument: Instrument | None) -> str:
    if row.broker_quantity is None:
        return "no answer"
    if row.broker_quantity == 0:
        return "FLAT"
    price = "" if row.broker_price is None else f" @ {f.average(row.broker_price, instrument)}"
    return f"{f.held(row.broker_quantity, instrument)}{price}"


def _situation(row: RecoveryRow) -> str:
    note = f" {row.note}" if row.note else ""
    return f"{row.situation.value}\n{MEANINGS[row.situation]}{note}"
