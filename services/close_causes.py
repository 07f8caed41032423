"""Why a broker refused a close, in plain words, from his own: pure.

A table of phrases brokers use. A text that fits no cause, or more than one, names none: a wrong reason costs a trader
more time than none.
"""

import re
from enum import Enum
from typing import Final


class RefusalCause(Enum):
    """What kept a closing order from being taken, as a sentence."""

    SIZE = "The order is larger than the broker allows."
    MARGIN = "The account lacks margin or funds for it."
    CLOSED = "The market is closed or halted."
    LOCKED = "The account is locked or may not trade."
    BAND = "The price is outside what the exchange allows now."
    EXPIRED = "The contract has expired or trades no more."


_PHRASES: Final[dict[RefusalCause, tuple[str, ...]]] = {
    RefusalCause.SIZE: (
        r"\b(quantity|size|contracts|lots?)\b.*\b(exceed\w*|too (large|big|high)|more than|above|over)\b",
        r"\b(exceed\w*|above|over|more than)\b.*\b(order|max\w*|quantity|size|position) (quantity|size|limit|order)\b",
        r"\bmax\w*( allowed)? (order|position|quantity|size|contracts|lots?)\b",
        r"\blargest order\b",
        r"\bmay hold \d+ contracts\b",
        r"\b(size|quantity|position) limit\b",
    ),
    RefusalCause.MARGIN: (
        r"\bmargin\b",
        r"\binsufficient\b",
        r"\bbuying power\b",
        r"\bnot enough (funds|money|balance|equity)\b",
        r"\b(funds|balance) (too low|not available)\b",
    ),
    RefusalCause.CLOSED: (
        r"\b(market|exchange|session|instrument|product|symbol)\b.*\b(closed|not open|halted|suspended)\b",
        r"\b(trading|market) (is )?(halt\w*|suspended|paused)\b",
        r"\boutside (of )?(regular |normal )?(trading|market|session) hours\b",
        r"\bnot in (a )?(trading )?session\b",
    ),
    RefusalCause.LOCKED: (
        r"\baccount\b.*\b(locked|disabled|suspended|restricted|frozen|blocked|closed|inactive)\b",
        r"\b(trading|orders?) (is |are )?(disabled|not (allowed|permitted|enabled)|blocked)\b",
        r"\bnot authori[sz]ed\b",
        r"\b(daily|max\w*|trailing) (loss|drawdown)\b",
    ),
    RefusalCause.BAND: (
        r"\bprice (band|limit|collar)s?\b",
        r"\bcollars?\b",
        r"\blimit (up|down)\b",
        r"\bprice\b.*\b(out of|outside|beyond|too far)\b",
    ),
    RefusalCause.EXPIRED: (
        r"\bexpir(ed|y|ation)\b",
        r"\blast trading day\b",
        r"\bdelisted\b",
        r"\b(contract|symbol|product)\b.*\b(has ended|no longer (trad\w*|available|valid)|not trad(e)?able)\b",
    ),
}
_TABLE: Final = {cause: re.compile("|".join(texts), re.IGNORECASE) for cause, texts in _PHRASES.items()}


def cause_of(text: str) -> RefusalCause | None:
    """Return the one cause a broker's words speak of; None where they speak of none, or of several."""
    found = [cause for cause, phrases in _TABLE.items() if phrases.search(text)]
    return found[0] if len(found) == 1 else None
