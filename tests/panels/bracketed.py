"""Brackets in made-up situations, for panel tests."""

from decimal import Decimal

from core.model.bracket_template import BracketBook, BracketTemplate, Distance, TemplateTarget, Unit

D = Decimal


def ticks(amount: int) -> Distance:
    """Return a distance in ticks."""
    return Distance(D(amount), Unit.TICKS)


def r(amount: str) -> Distance:
    """Return a distance in multiples of the risk."""
    return Distance(D(amount), Unit.R)


TEN = BracketTemplate("10t", ticks(10))
HALVES = BracketTemplate(
    "20t + 1R/2R",
    ticks(20),
    (TemplateTarget(r("1"), D("0.5")), TemplateTarget(r("2"), D("0.5"))),
    breakeven_after=ticks(20),
    trail=ticks(12),
)
CASH = BracketTemplate("100 a trade", Distance(D(100), Unit.MONEY), (TemplateTarget(r("2")),))
BOOK = BracketBook({one.name: one for one in (TEN, HALVES, CASH)})
