"""How figures and times are written and read: pure, exact, never through a binary float.

Unknown is "—", never 0. A sign, an arrow or a word goes with every colour. Reading what was typed is in `parsing.py`.
"""

from datetime import datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from core.model.instrument import Instrument
from core.model.price_format import decimals, write_average

UNKNOWN = "—"
MINUS = "−"
THIN_SPACE = "\u2009"
UP_ARROW, DOWN_ARROW = "▲", "▼"


def price(value: Decimal | None, instrument: Instrument | None) -> str:
    """Write a price in its instrument's form, decimals or fractions; one that has no place in it in full."""
    if value is None:
        return UNKNOWN
    return _plain(value) if instrument is None else _signed_minus(instrument.written(value))


def average(value: Decimal | None, instrument: Instrument | None) -> str:
    """Write an average price: as a price, with two more digits where it lies between ticks."""
    if value is None:
        return UNKNOWN
    if instrument is None:
        return _plain(value)
    return _signed_minus(write_average(value, instrument.tick_size, instrument.price_format))


def money(value: Decimal | None) -> str:
    """Write an amount with two decimals, thousands by thin spaces: "10 000.00", "−25.00"."""
    if value is None:
        return UNKNOWN
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    text = f"{abs(rounded):,.2f}".replace(",", THIN_SPACE)
    return MINUS + text if rounded < 0 else text


def exact_money(value: Decimal | None) -> str:
    """Write an amount nobody rounded, such as the worth of a tick: two decimals, or as many as it has ("15.625")."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{max(2, decimals(value))}f}".replace(",", THIN_SPACE)
    return MINUS + text if value < 0 else text


def result(value: Decimal | None) -> str:
    """Write a profit or loss: "+125.00 ▲", "−125.00 ▼", "0.00"."""
    if value is None:
        return UNKNOWN
    text = money(value)
    if sign_of(value) == 0:
        return text
    return f"+{text} {UP_ARROW}" if value > 0 else f"{text} {DOWN_ARROW}"


def sign_of(value: Decimal | None) -> int:
    """Return the sign a money figure shows: amounts that round to 0.00 have none, nor has an unknown one."""
    rounded = Decimal(0) if value is None else value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return (rounded > 0) - (rounded < 0)


def tone_of(value: Decimal | None) -> str:
    """Return the tone of a profit or loss: up, down, or ink1."""
    return ("ink1", "up", "down")[sign_of(value)]


def spoken_result(value: Decimal | None, currency: str = "") -> str:
    """Say a profit or loss in words: "minus 125.00 USD, loss"."""
    if value is None:
        return "unknown"
    amount = f"{abs(value):.2f} {currency}".strip()
    return (f"{amount}, even", f"plus {amount}, profit", f"minus {amount}, loss")[sign_of(value)]


def quantity(value: Decimal | None, instrument: Instrument | None = None) -> str:
    """Write a quantity: without trailing zeros, but to the venue's step where that is a fraction ("0.500")."""
    if value is None:
        return UNKNOWN
    places = 0 if instrument is None else decimals(instrument.quantity_step)
    return _signed_minus(f"{value:.{places}f}") if places >= max(1, decimals(value)) else _plain(value)


def volume(value: Decimal | None) -> str:
    """Write a traded volume, thousands by thin spaces: "1 234 567"."""
    return UNKNOWN if value is None else f"{value.normalize():,f}".replace(",", THIN_SPACE)


def held(value: Decimal | None, instrument: Instrument | None = None) -> str:
    """Write a signed quantity as a side: "LONG 2", "SHORT 1", "FLAT"; "—" unknown."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "FLAT"
    return f"{'LONG' if value > 0 else 'SHORT'} {quantity(abs(value), instrument)}"


def ticks(value: Decimal | None, signed: bool = False) -> str:
    """Write a distance in ticks: "12t"; one decimal where an average makes it fractional."""
    if value is None:
        return UNKNOWN
    whole = value.quantize(Decimal(1), ROUND_HALF_EVEN)
    shown = whole if whole == value else value.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    text = quantity(abs(shown))
    if shown < 0:
        return f"{MINUS}{text}t"
    return f"+{text}t" if signed and shown > 0 else f"{text}t"


def points(value: Decimal | None, instrument: Instrument | None) -> str:
    """Write a signed distance in price points: "+1.25"."""
    text = average(value, instrument)
    return f"+{text}" if value is not None and value > 0 else text


def r_multiple(value: Decimal | None) -> str:
    """Write an R-multiple: "+1.25R"."""
    if value is None:
        return UNKNOWN
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):.2f}R"


def ratio(value: Decimal | None) -> str:
    """Write a plain ratio with two decimals."""
    return UNKNOWN if value is None else _signed_minus(f"{value.quantize(Decimal('0.01'), ROUND_HALF_EVEN):f}")


def percent(value: Decimal | None) -> str:
    """Write a share (0.005 → "0.5 %")."""
    return UNKNOWN if value is None else _signed_minus(f"{value * 100:.1f} %")


def signed_percent(value: Decimal | None) -> str:
    """Write a change (0.005 → "+0.50 %"), two decimals, since a day moves by less than one."""
    if value is None:
        return UNKNOWN
    rounded = (value * 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return f"+{rounded} %" if rounded > 0 else _signed_minus(f"{rounded} %") if rounded else "0.00 %"


def duration(seconds: float) -> str:
    """Write a time span: "0:07", "12:30", "1:02:03"; a negative one (a clock was set back) as "0:00"."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def since(start: datetime, now: datetime) -> str:
    """Write how long ago something began."""
    return duration((now - start).total_seconds())


def clock(value: datetime | None, zone: tzinfo | None = None, seconds: bool = True) -> str:
    """Write a time of day in the display zone (None: this machine's); the hour that occurs twice with its offset."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(zone)
    text = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{text} {offset(value, zone)}" if _ambiguous(local, zone) else text


def zoned(value: datetime | None, zone: tzinfo | None = None) -> str:
    """Write a time of day with its zone: "09:41:07 CET"."""
    return UNKNOWN if value is None else f"{clock(value, zone)} {zone_label(value, zone)}"


def zone_label(value: datetime, zone: tzinfo | None = None) -> str:
    """Return the short name of the display zone, or its offset where the system only has a long one."""
    name = value.astimezone(zone).tzname() or ""
    return name if name.isascii() and name.isalpha() and len(name) <= 5 else offset(value, zone)


def offset(value: datetime, zone: tzinfo | None = None) -> str:
    """Return the display zone's offset from UTC at that time: "−05:00"."""
    shift = value.astimezone(zone).utcoffset()
    assert shift is not None
    minutes = int(shift.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{MINUS if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def day(value: datetime, zone: tzinfo | None = None) -> str:
    """Write a date, ISO."""
    return value.astimezone(zone).date().isoformat()


def _plain(value: Decimal) -> str:
    return _signed_minus(f"{value.normalize():f}")


def _signed_minus(text: str) -> str:
    """Set the minus sign of a figure; what rounds to nothing has none."""
    nothing = text.startswith("-") and not any(digit in text for digit in "123456789")
    return text[1:] if nothing else text.replace("-", MINUS)


def _ambiguous(local: datetime, zone: tzinfo | None) -> bool:
    naive = local.replace(tzinfo=None)
    first, second = (naive.replace(fold=fold, tzinfo=zone) for fold in (0, 1))
    # In the gap of spring the two readings differ as well, but no instant is ever shown there.
    return first.timestamp() != second.timestamp()
