"""Why prices move: shared and own forces, each with a volatility that clusters and news that comes as a shock.

A force is a series of independent shocks, so its sum has no trend to find. Their size is the volatility: the
exponential of two wandering moods, one of minutes and one of hours, times what is left of the last news. Its mean
square is 1. News is rare, moves the price at once by some minutes' worth and leaves excitement that dies away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any, Final

STEPS_PER_S: Final = 10

_MINUTE: Final = math.sqrt(60 * STEPS_PER_S)  # standard deviation of a minute, in steps
_SHORT_S, _SHORT_SPREAD = 150.0, 0.32
_LONG_S, _LONG_SPREAD = 4_000.0, 0.45
_CALM: Final = math.exp(-(_SHORT_SPREAD**2 + _LONG_SPREAD**2))
_LIVELIEST: Final = 6.0
_EXCITEMENT_S: Final = 300.0


@dataclass(slots=True)
class Force:
    """One reason for prices to move.

    Attributes:
        news_every_s: mean time between two pieces of news.
        volatility: standard deviation of a step; 1 on average. It changes once a second.
    """

    random: Random
    news_every_s: float
    short: float = 0.0
    long: float = 0.0
    excitement: float = 0.0
    news: float = 0.0
    volatility: float = _CALM

    def move(self) -> float:
        """Return the next shock, of a tenth of a second."""
        shock = self.random.gauss(0.0, self.volatility)
        if self.news:
            shock, self.news = shock + self.news, 0.0
        return shock

    def pass_second(self) -> None:
        """Let the moods wander; once in a while there is news."""
        gauss = self.random.gauss
        self.short += -self.short / _SHORT_S + gauss(0.0, _SHORT_SPREAD * math.sqrt(2 / _SHORT_S))
        self.long += -self.long / _LONG_S + gauss(0.0, _LONG_SPREAD * math.sqrt(2 / _LONG_S))
        self.excitement -= self.excitement / _EXCITEMENT_S
        if self.random.random() * self.news_every_s < 1.0:
            self._surprise()
        self.volatility = min(_LIVELIEST, _CALM * math.exp(self.short + self.long) * (1.0 + self.excitement))

    def saved(self) -> list[float]:
        """Return all of it but the random numbers."""
        return [self.short, self.long, self.excitement, self.news, self.volatility]

    def restore(self, saved: list[Any]) -> None:
        """Take over what was saved."""
        self.short, self.long, self.excitement, self.news, self.volatility = saved

    def _surprise(self) -> None:
        strength = 1.5 + self.random.expovariate(0.8)
        self.news = _MINUTE * (strength if self.random.random() < 0.5 else -strength)
        self.excitement += 0.5 * strength
