from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DatabaseDamaged
from data.types import DecimalText, UtcDateTime, decimal_text, utc_text

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e20"), max_value=Decimal("1e20"))


@pytest.mark.row(109)
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0E+5", "0"),
        ("-0E-9", "0"),
        ("5045.25", "5045.25"),
        ("5045.2500", "5045.25"),
        ("5045", "5045"),
        ("5045.0", "5045"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1.50E+1", "15"),
        ("1E-8", "0.00000001"),
        ("-1.0E-8", "-0.00000001"),
        ("-2", "-2"),
        ("1.234567890123456789012345678901", "1.234567890123456789012345678901"),
    ],
)
def test_a_decimal_has_one_text(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@pytest.mark.row(109)
@pytest.mark.parametrize("value", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "1E+98", "1E-98", "1E+999999"])
def test_what_is_no_figure_of_ours_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        decimal_text(Decimal(value))


@pytest.mark.parametrize("value", [1.5, 1, "1", True])
def test_only_a_decimal_is_taken(value: object) -> None:
    with pytest.raises(TypeError, match="expected Decimal"):
        decimal_text(value)  # type: ignore[arg-type]


@given(DECIMALS)
def test_no_digit_is_lost(value: Decimal) -> None:
    text = decimal_text(value)
    assert Decimal(text) == value
    assert decimal_text(Decimal(text)) == text
    assert "E" not in text.upper() and text != "-0"


@given(DECIMALS, DECIMALS)
def test_texts_are_equal_when_values_are(one: Decimal, other: Decimal) -> None:
    assert (decimal_text(one) == decimal_text(other)) == (one == other)


@pytest.mark.row(143)
@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-6)), timezone(timedelta(hours=9))])))
def test_a_time_keeps_its_instant(value: datetime) -> None:
    try:
        text = utc_text(value)
    except OverflowError:
        return
    assert len(text) == 27 and text.endswith("Z")
    assert datetime.fromisoformat(text) == value


def test_a_time_is_fixed_width() -> None:
    assert utc_text(datetime(2026, 11, 21, 9, 30, tzinfo=UTC)) == "2026-11-21T09:30:00.000000Z"


def test_the_order_of_texts_is_the_order_of_times() -> None:
    start = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    times = [start + timedelta(microseconds=step) for step in (0, 1, 999_999, 1_000_000, 86_400_000_000)]
    assert [utc_text(time) for time in times] == sorted(utc_text(time) for time in times)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        utc_text(datetime(2026, 11, 21))  # noqa: DTZ001
    with pytest.raises(TypeError):
        utc_text("2026-11-21")  # type: ignore[arg-type]


@pytest.mark.row(109)
def test_what_cannot_be_read_is_damage() -> None:
    for text in ("five", "", "1,5", b"5"):
        with pytest.raises(DatabaseDamaged, match="where a number belongs"):
            DecimalText().process_result_value(text, None)  # type: ignore[arg-type]
    for text in ("yesterday", "2026-13-01T00:00:00.000000Z", 5):  # type: ignore[assignment]
        with pytest.raises(DatabaseDamaged, match="where a time belongs"):
            UtcDateTime().process_result_value(text, None)  # type: ignore[arg-type]
