"""Where one connection stands between "up" and "everything it knows has been compared": asking, waiting, asking again.

Deadlines are monotonic seconds, handed in. It decides nothing about positions.
"""

from dataclasses import dataclass
from datetime import datetime

ANSWER_LIMIT_S = 15.0
# A line gathers an answer step by step and says itself when one fails; only if it never does, it is asked anew.
GIVE_UP_S = 120.0
RETRIES_S = (5.0, 15.0, 60.0)
CROSSED_RETRY_S = 1.0


@dataclass(slots=True)
class LineWatch:
    """The questions to one broker (trading thread).

    Attributes:
        up: logged on; only then is there any sense in asking.
        ready: every scope is decided: entries are open.
        answered: a complete snapshot was digested since the line came up.
        asked_at_s: when the outstanding question was asked; None when there is none.
        asked_at: the same in wall time; None before the first.
        retry_at_s: when to ask by ourselves; None when not.
        tries: questions without an answer since the last answer, or since the trader asked.
        since_s: from when on an answer has been lacking; None while there is one.
    """

    since_s: float | None
    up: bool = False
    ready: bool = False
    answered: bool = False
    asked_at_s: float | None = None
    asked_at: datetime | None = None
    retry_at_s: float | None = None
    tries: int = 0

    def changed(self, up: bool, now_s: float) -> None:
        """Note that the line went up or down: what was known is in doubt."""
        if self.since_s is None:
            self.since_s = now_s
        self.up = up
        self.ready = self.answered = False
        self.asked_at_s = self.retry_at_s = None
        self.tries = 0

    def asked(self, now: datetime, now_s: float) -> None:
        """Note that a snapshot was asked for."""
        self.asked_at, self.asked_at_s, self.retry_at_s = now, now_s, None

    def outdated(self, asked_at: datetime, now: datetime) -> bool:
        """Say whether an answer is to an earlier question, given up when something may have been lost after it.

        Args:
            asked_at: when the line began to ask what it answers now.
            now: wall time; a question from a time to come was asked before the clock was set back.
        """
        return self.asked_at is not None and asked_at < self.asked_at <= now

    def failed(self, now_s: float) -> None:
        """Note that no complete answer came; try again after 5, 15, then every 60 seconds."""
        self.asked_at_s = None
        self.retry_at_s = now_s + RETRIES_S[min(self.tries, len(RETRIES_S) - 1)]
        self.tries += 1

    def digested(self) -> None:
        """Note that a complete answer was taken in."""
        self.asked_at_s = self.retry_at_s = self.since_s = None
        self.answered = True
        self.tries = 0

    def again_at(self, due_s: float) -> None:
        """Plan another question, unless an earlier one is planned."""
        self.retry_at_s = due_s if self.retry_at_s is None else min(self.retry_at_s, due_s)

    def overdue(self, now_s: float) -> bool:
        """Say whether the outstanding question was left unanswered so long that it must be lost."""
        return self.asked_at_s is not None and now_s - self.asked_at_s > GIVE_UP_S

    def due(self, now_s: float) -> bool:
        """Say whether it is time to ask by ourselves."""
        return self.up and self.retry_at_s is not None and now_s >= self.retry_at_s

    def awaited(self, now_s: float) -> bool:
        """Say whether an answer may come any moment, so that deciding without it is premature; for 15 s at most."""
        if self.tries:
            return False
        begun = [one for one in (self.since_s, self.asked_at_s) if one is not None]
        return any(now_s - one <= ANSWER_LIMIT_S for one in begun)
