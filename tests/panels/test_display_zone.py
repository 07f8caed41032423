"""The zone on show stands for another, and says of every moment what that one says."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.preferences import ZoneChoice
from panels import formatting as f
from panels.display_zone import DisplayZone

CHICAGO = ZoneInfo("America/Chicago")
MOMENTS = st.integers(1_577_836_800, 2_051_222_400).map(lambda at: datetime.fromtimestamp(at, UTC))


@pytest.mark.parametrize("zone", [UTC, CHICAGO, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=5, minutes=45))])
@given(moment=MOMENTS)
def test_every_moment_reads_as_in_the_zone_it_stands_for(zone: ZoneInfo, moment: datetime) -> None:
    shown, there = moment.astimezone(DisplayZone(zone)), moment.astimezone(zone)
    assert shown.replace(tzinfo=None) == there.replace(tzinfo=None)
    assert (shown.utcoffset(), shown.tzname()) == (there.utcoffset(), there.tzname())
    assert shown.astimezone(UTC) == moment


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset() -> None:
    zone = DisplayZone(CHICAGO)
    first = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    assert [f.offset(one, zone) for one in (first, first + timedelta(hours=1))] == ["−05:00", "−06:00"]
    assert f.clock(first, zone) == "01:30:00 −05:00"


@pytest.mark.parametrize(
    ("choice", "symbol", "zone"),
    [
        (ZoneChoice.EXCHANGE, "ESZ26_FUT_CME", CHICAGO),
        (ZoneChoice.EXCHANGE, "nobody knows", None),
        (ZoneChoice.UTC, "ESZ26_FUT_CME", UTC),
        (ZoneChoice.LOCAL, "ESZ26_FUT_CME", None),
    ],
)
def test_it_follows_the_choice_and_the_symbol_on_show(choice: ZoneChoice, symbol: str, zone: ZoneInfo | None) -> None:
    shown = DisplayZone(timezone(timedelta(hours=1)))
    assert shown.point_to(choice, symbol)
    assert shown.zone == zone
    assert not shown.point_to(choice, symbol)
