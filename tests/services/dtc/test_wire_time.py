"""Date-times: the unit is told by the magnitude."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.dtc.errors import LocalProtocolError
from services.dtc.messages.base import TimeUnit
from services.dtc.wire_time import from_wire, to_wire

MOMENT = datetime(2026, 9, 21, 14, 13, 20, 125000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (1790000000, MOMENT.replace(microsecond=0)),
        (1790000000.125, MOMENT),
        (1790000000125, MOMENT),
        (1790000000125456, MOMENT.replace(microsecond=125456)),
        (99_999_999_999, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
        (100_000_000_000, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        (100_000_000_000_000, datetime(5138, 11, 16, 9, 46, 40, tzinfo=UTC)),
        (100_000_000_000_001, datetime(1973, 3, 3, 9, 46, 40, 1, tzinfo=UTC)),
    ],
)
def test_the_magnitude_tells_the_unit(number: float, moment: datetime) -> None:
    assert from_wire(number) == moment
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("number", [None, 0, 0.0, -1, -(2**63), 2**63 - 1, float("nan"), float("inf"), 1.79e308])
def test_what_is_no_date_is_none(number: float | None) -> None:
    assert from_wire(number) is None


@pytest.mark.parametrize(
    ("unit", "number"),
    [(TimeUnit.SECONDS, 1790000000), (TimeUnit.MILLISECONDS, 1790000000125), (TimeUnit.MICROSECONDS, 1790000000125000)],
)
def test_a_moment_goes_out_in_the_unit_of_its_field(unit: TimeUnit, number: int) -> None:
    assert to_wire(MOMENT, unit) == number
    assert to_wire(MOMENT.astimezone(timezone(timedelta(hours=-5))), unit) == number


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="time zone"):
        to_wire(MOMENT.replace(tzinfo=None), TimeUnit.SECONDS)
    with pytest.raises(LocalProtocolError, match="whole unit"):
        to_wire(MOMENT, TimeUnit.FLOAT_SECONDS)
