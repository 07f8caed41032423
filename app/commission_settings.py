"""The [commissions] of settings.toml: what a fill costs, per unit and side, by connection or by account.

[commissions.sierra]             # every account of a connection
ES = "2.25"
[commissions."sierra/ACCT-123"]  # one account; it goes before its connection
ES = "1.90"
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from core.model.commission import CommissionSchedule, scheduled

Rates = Mapping[str, Mapping[str, Decimal]]


def rates_from_table(table: object) -> Rates:
    """Return the rates of a table, by place and product.

    Raises:
        ValueError: a place that is no table, or a rate that cannot be one.
    """
    if not isinstance(table, dict) or not all(isinstance(rates, dict) for rates in table.values()):
        raise ValueError('[commissions] must hold tables such as [commissions.sierra] with ES = "2.25"')
    return {place: {root: _rate(place, root, text) for root, text in rates.items()} for place, rates in table.items()}


def rates_to_table(rates: Rates) -> dict[str, dict[str, str]]:
    """Return rates as a table of texts."""
    return {place: {root: f"{rate:f}" for root, rate in products.items()} for place, products in rates.items()}


def schedule_of(rates: Rates, simulated: CommissionSchedule) -> CommissionSchedule:
    """Return the schedule of the settings over that of the simulators this program starts."""
    return scheduled(rates, simulated)


def _rate(place: str, root: str, text: object) -> Decimal:
    try:
        rate = Decimal(str(text))
    except InvalidOperation:
        rate = Decimal("NaN")
    if isinstance(text, bool) or not rate.is_finite() or rate < 0:
        raise ValueError(f"[commissions.{place}] {root} is {text!r}, expected money per unit and side")
    return rate
