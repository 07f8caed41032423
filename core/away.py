"""Which announcements also go to the trader's phone or mail while he is away, and how they are put. Pure.

Away is who touched no window of this program for five minutes, has its window minimised, or has locked the screen.
Only Windows is asked for the last; elsewhere it takes the five minutes.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from core.announcement import About, Announcement, Level

AWAY_AFTER_S = 300.0
# Of one message, characters; a phone shows no more.
LONGEST = 900
ALARM = "alarm"
KINDS = {
    About.REJECT: "reject",
    About.LINE: "line",
    About.LIMIT_NEAR: "limit-75",
    About.LIMIT_HIT: "limit-hit",
    About.ALERT: "alert",
    About.FILL: "fill",
    About.TARGET: "fill",
    About.STOP: "fill",
}
"""What the trader may choose, by the name the settings hold; an alarm goes always, once notices are on."""


def kind_of(notice: Announcement) -> str:
    """Return the kind of an announcement; empty for what never goes out."""
    if notice.level is Level.ALARM:
        return ALARM
    return "" if notice.about is None else KINDS.get(notice.about, "")


def goes_out(notice: Announcement, kinds: Collection[str]) -> bool:
    """Return whether an announcement goes out to somebody who is away; `kinds` without an alarm is nothing at all."""
    return ALARM in kinds and kind_of(notice) in kinds


def is_away(touched_s: float, now_s: float, is_minimised: bool) -> bool:
    """Return whether nobody is at the window, by when it was touched last, monotonic seconds."""
    return is_minimised or now_s - touched_s >= AWAY_AFTER_S


def line_of(notice: Announcement) -> str:
    """Return an announcement as a line of a message, with its time in UTC: who is away may be in any zone."""
    return f"{notice.level.value} {_time(notice.at)} UTC: {notice.text}"


def message_of(lines: Sequence[str]) -> str:
    """Return lines as one message: the first ones, and how many more there were."""
    kept: list[str] = []
    for line in lines:
        if sum(len(one) + 1 for one in kept) + len(line) > LONGEST and kept:
            break
        kept.append(line[:LONGEST])
    more = len(lines) - len(kept)
    return "\n".join([*kept, f"and {more} more"] if more else kept)


def _time(at: datetime) -> str:
    return at.strftime("%H:%M:%S")
