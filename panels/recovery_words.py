"""What the recovery dialog says about positions, and its header: pure."""

from datetime import datetime, tzinfo
from decimal import Decimal

from core.model.instrument import Instrument
from core.model.recovery import Recovery, RecoveryChoice, RecoveryRow, Situation
from core.model.scope import PositionKey
from core.snapshot import Snapshot
from panels import formatting as f

OLD_HOURS = 24
CHOICE_WORDS = {
    RecoveryChoice.ADOPT: "Adopt",
    RecoveryChoice.VERIFY: "Verify: ask again",
    RecoveryChoice.RECORD_CLOSED: "Record as closed",
    RecoveryChoice.USE_FILLS: "Use fills",
    RecoveryChoice.CLOSE_BROKER: "Take broker's and close it",
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
    RecoveryChoice.USE_FILLS: "fills used",
    RecoveryChoice.CLOSE_BROKER: "closing",
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
AVERAGES_DIFFER = "Average differs"


def choice_words(choice: RecoveryChoice, situation: Situation) -> str:
    """Return the text of a choice in a situation."""
    if choice is RecoveryChoice.ADOPT:
        return ADOPT_WORDS.get(situation, CHOICE_WORDS[choice])
    return CHOICE_WORDS[choice]


def header(recovery: Recovery | None, zone: tzinfo | None, undecided: tuple[int, int, int], put_off: bool) -> str:
    """Return the sentence on top: how the session ended, what needs a decision, whose answer is awaited.

    Args:
        undecided: how many positions, orders and missing stops.
        put_off: a row waits that the trader put off.
    """
    parts = []
    if recovery is not None and recovery.unclean:
        at = "" if recovery.ended_at is None else f" at {f.zoned(recovery.ended_at, zone)}"
        parts.append(f"Last session ended unexpectedly{at}.")
    if any(undecided):
        parts.append(f"{_counted(undecided)} {'needs' if sum(undecided) == 1 else 'need'} a decision.")
    elif put_off:
        parts.append("Put off: entries stay locked there until you decide.")
    else:
        parts.append("Everything is decided.")
    if recovery is not None and recovery.asking:
        parts.append(f"Waiting for the answer of {', '.join(sorted(recovery.asking))}…")
    return " ".join(parts)


def scope_words(key: PositionKey, snapshot: Snapshot) -> str:
    """Return a scope with its mode, in two lines."""
    account = snapshot.accounts.get(key.account_key)
    mode = account.mode.value if account is not None and account.mode is not None else "LIVE ?"
    return f"{key.symbol}\n{key.account} · {mode}"


def ours_words(row: RecoveryRow, instrument: Instrument | None, now: datetime) -> str:
    """Return what we hold, and since when."""
    if row.ours is None:
        return "none"
    text = f"{f.held(row.ours.quantity, instrument)} @ {f.average(row.ours.entry_price, instrument)}"
    if row.ours.entry_time is None:
        return f"{text}\nentry time unknown"
    age = now - row.ours.entry_time
    old = " · old" if age.total_seconds() > OLD_HOURS * 3600 else ""
    return f"{text}\n{f.since(row.ours.entry_time, now)} ago{old}"


def theirs_words(row: RecoveryRow, instrument: Instrument | None) -> str:
    """Return what the broker says he holds."""
    if row.broker_quantity is None:
        return "no answer"
    if row.broker_quantity == 0:
        return "FLAT"
    price = "" if row.broker_price is None else f" @ {f.average(row.broker_price, instrument)}"
    return f"{f.held(row.broker_quantity, instrument)}{price}"


def situation_words(row: RecoveryRow, instrument: Instrument | None) -> str:
    """Return the situation, what it means, and what else is worth reading."""
    note = row.note
    if note.startswith(AVERAGES_DIFFER) and row.ours is not None:
        here, there = f.average(row.ours.entry_price, instrument), f.average(row.broker_price, instrument)
        note = f"{AVERAGES_DIFFER}: here {here}, broker {there}."
    return f"{row.situation.value}\n{MEANINGS[row.situation]} {note}".rstrip()


def effect(choice: RecoveryChoice, row: RecoveryRow, instrument: Instrument | None) -> str:
    """Return in a sentence what a choice does."""
    before = f.held(Decimal(0) if row.ours is None else row.ours.quantity, instrument)
    if choice is RecoveryChoice.VERIFY:
        return "The broker is asked again; nothing changes."
    if choice is RecoveryChoice.IGNORE:
        return "Nothing changes; entries stay locked here."
    if choice is RecoveryChoice.RECORD_CLOSED:
        return f"No order is sent. {before} → FLAT without a price: this trade's profit is unknown (—)."
    if row.situation is Situation.ONLY_AT_BROKER:
        there = f.held(row.broker_quantity, instrument)
        if row.broker_price is None:
            return f"{there} is taken over without a price: its profit is unknown (—)."
        return f"{there} is taken over at the broker's average {f.average(row.broker_price, instrument)}."
    if row.situation in (Situation.SIZE_DIFFERS, Situation.OPPOSITE_SIDE):
        after = f.held(row.broker_quantity, instrument)
        return f"No order is sent. {before} → {after} without a price: this trade's profit is unknown (—)."
    return {
        Situation.NO_ANSWER: "It counts as ours; entries stay locked until the broker answers.",
        Situation.FILLS_ONLY: "What our fills add up to counts.",
    }.get(row.situation, "It goes on as it was.")


def _counted(undecided: tuple[int, int, int]) -> str:
    parts = [
        f"{count} {noun if count == 1 else noun + 's'}"
        for count, noun in zip(undecided, ("position", "order", "missing stop"), strict=True)
        if count
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
