"""Alerts in words: what is watched, and what was reached. Plain figures, for the log and the screen alike. Pure."""

from decimal import ROUND_HALF_EVEN, Decimal

from core.model.alert import Alert, AlertKind, Way
from core.model.instrument import Instrument
from core.snapshot import Snapshot

CENTS = Decimal("0.01")


def described(alert: Alert, snapshot: Snapshot) -> str:
    """Return what is watched: "ESZ6 at or above 5060.25, each time"."""
    way = "at or above" if alert.way is Way.ABOVE else "at or below"
    again = ", each time" if alert.repeats else ""
    return f"{subject(alert)} {way} {written(alert, alert.level, snapshot)}{again}"


def subject(alert: Alert) -> str:
    """Return whose figure it is: "ESZ6", "R of ESZ6 in Sim1", "Day loss used in Sim1"."""
    key = alert.key
    if alert.kind is AlertKind.PRICE:
        return key.symbol
    if alert.kind is AlertKind.LIMIT:
        return f"{'Any limit' if alert.limit is None else alert.limit.value.capitalize()} used in {key.account}"
    figure = {AlertKind.OPEN_PNL: "Open P&L", AlertKind.R: "R", AlertKind.TIME_IN_TRADE: "Time in trade"}[alert.kind]
    return f"{figure} of {key.symbol} in {key.account}"


def fired_text(alert: Alert, snapshot: Snapshot, after_gap: bool) -> str:
    """Return what happened, in a sentence.

    Args:
        after_gap: prices were missing before; when it was crossed is not known.
    """
    assert alert.fired_value is not None
    way = "above" if alert.way is Way.ABOVE else "below"
    value, level = (written(alert, one, snapshot) for one in (alert.fired_value, alert.level))
    reached = f"reached {level}" if value == level else f"is {value}, {way} {level}"
    gap = " It was crossed while prices were missing." if after_gap else ""
    note = f" {alert.note}" if alert.note else ""
    return f"Alert: {subject(alert)} {reached}.{gap}{note}"


def written(alert: Alert, value: Decimal, snapshot: Snapshot) -> str:
    """Return a figure of an alert's kind, with an ASCII minus."""
    if alert.kind is AlertKind.PRICE:
        return snapshot.instruments.get(alert.place, Instrument(alert.key.symbol)).written(value)
    if alert.kind is AlertKind.OPEN_PNL:
        return f"{value.quantize(CENTS, ROUND_HALF_EVEN):.2f}"
    if alert.kind is AlertKind.R:
        return f"{value.quantize(CENTS, ROUND_HALF_EVEN):.2f}R"
    if alert.kind is AlertKind.LIMIT:
        return f"{value.quantize(Decimal('0.1'), ROUND_HALF_EVEN).normalize():f} %"
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
