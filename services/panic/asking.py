"""Asking the terminal: it has three seconds to take the request, and three from one sign of life to the next."""

from collections.abc import Callable
from typing import Final

from core.clock import Clock
from services.panic.files import Answer, PanicFiles, Request

TAKEN_WITHIN_S: Final = 3.0
BEAT_WITHIN_S: Final = 3.0
# A close asks a trader who is not there, or a broker who does not answer: he is told what is left.
OVER_WITHIN_S: Final = 60.0
_LOOK_S: Final = 0.05


def asked_terminal(
    files: PanicFiles, request: Request, clock: Clock, say: Callable[[str], None], sleep: Callable[[float], None]
) -> Answer | None:
    """Follow the terminal until it has done what it can; None when it does not take the request, or stops moving.

    Raises:
        PersistenceError: its answer cannot be read.
    """
    begun_s = heard_s = clock.monotonic()
    answer: Answer | None = None
    said: set[str] = set()
    while True:
        now_s = clock.monotonic()
        fresh = files.answer()
        if fresh is not None and fresh.request == request.name and fresh != answer:
            if answer is None:
                say("The terminal has taken it." if fresh.connections else "The terminal has no line up.")
            answer, heard_s = fresh, now_s
            for line in fresh.said:
                if line not in said:
                    say(line)
            said.update(fresh.said)
        if answer is not None and (answer.is_over or not answer.connections):
            return answer
        if answer is None and now_s - begun_s > TAKEN_WITHIN_S:
            say(f"No terminal took it within {TAKEN_WITHIN_S:.0f} s.")
            return None
        if answer is not None and now_s - heard_s > BEAT_WITHIN_S:
            say(f"The terminal has not moved for {BEAT_WITHIN_S:.0f} s.")
            return None
        if now_s - begun_s > OVER_WITHIN_S:
            return answer
        sleep(_LOOK_S)
