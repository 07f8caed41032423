"""A contract is near its roll, past it, or expired; what does not expire never rolls."""

from datetime import UTC, datetime, timedelta

import pytest

from core.model.roll import NEAR_DAYS, RollStage, alias, roll_of

ES = "ESZ26_FUT_CME"


def noon(day: int, month: int = 12) -> datetime:
    return datetime(2026, month, day, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "stage", "days"),
    [
        (noon(9), RollStage.NEAR, 5),
        (noon(11), RollStage.NEAR, 3),
        (noon(14), RollStage.ROLLED, 4),
        (noon(18), RollStage.ROLLED, 0),
        (noon(21), RollStage.EXPIRED, -3),
    ],
)
def test_the_stages_of_an_index_future(moment: datetime, stage: RollStage, days: int) -> None:
    roll = roll_of(ES, moment)
    assert roll is not None
    assert (roll.stage, roll.days) == (stage, days)
    assert (roll.alias, roll.front_alias, roll.front) == ("ESZ26", "ESH27", "ESH27_FUT_CME")
    assert (roll.rolls_on.isoformat(), roll.last_day.isoformat()) == ("2026-12-14", "2026-12-18")


def test_a_roll_that_is_far_is_not_told() -> None:
    assert roll_of(ES, noon(8)) is None
    assert NEAR_DAYS == 5


def test_the_day_is_that_of_the_exchange() -> None:
    # Sunday 17:00 in Chicago the session of Monday begins, and that is the roll day.
    before, after = (datetime(2026, 12, 13, 23, 0, tzinfo=UTC) + timedelta(seconds=s) for s in (-1, 0))
    stages = [found.stage for moment in (before, after) if (found := roll_of(ES, moment)) is not None]
    assert stages[-1] is RollStage.ROLLED


@pytest.mark.parametrize("symbol", ["BTC-PERP", "ESZ6", "SPY", "", "ESQ26_FUT_CME"])
def test_what_never_expires_or_is_not_known_never_rolls(symbol: str) -> None:
    assert roll_of(symbol, noon(14)) is None


def test_an_alias_is_what_traders_write() -> None:
    assert [alias(name) for name in (ES, "BTC-PERP", "CLF27_FUT_CME", "XYZ")] == ["ESZ26", "BTC-PERP", "CLF27", "XYZ"]
