"""What stands behind an action: what is done, and why it cannot be done now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def _nothing() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an action does in this window.

    Attributes:
        run: does it, and returns why nothing came of it where that shows only then. What is against it the engine
            still says; this is only the way there.
        refusal: why nothing can come of it now, in a sentence; "" when something can.
        facts: what it would do now, where the words of the action do not say all of it.
    """

    run: Callable[[], str | None]
    refusal: Callable[[], str] = _nothing
    facts: Callable[[], str] = _nothing


Deeds = Mapping[str, Deed]
