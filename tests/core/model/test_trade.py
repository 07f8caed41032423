"""The figures of a round trip: the golden trades of the metrics, one by one."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.model.fill import FillSource
from core.model.scope import PositionKey
from core.model.trade import Trade

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def trade(gross: str | None, costs: str | None, risk: str | None, mfe: str | None) -> Trade:
    def number(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return Trade(
        key=PositionKey("sim", "Sim1", "ESZ6"),
        direction=1,
        quantity=Decimal(1),
        entry_price=Decimal(5000),
        exit_price=Decimal(5001),
        entry_time=AT,
        exit_time=AT,
        realized_pnl=number(gross),
        commissions=number(costs),
        initial_risk=number(risk),
        mae=Decimal(0),
        mfe=number(mfe),
        extremes_complete=True,
        currency="USD",
        exit_reason="",
        source=FillSource.OURS,
    )


@pytest.mark.parametrize(
    ("gross", "costs", "risk", "mfe", "net", "r_multiple", "capture"),
    [
        ("200", "5", "100", "250", "195", "1.95", "0.8"),
        ("-100", "5", "100", "40", "-105", "-1.05", "-2.5"),
        ("5", "5", "100", "80", "0", "0", "0.0625"),
        ("-150", "5", "150", "0", "-155", "-1.0333", None),
        ("150", "5", None, "200", "145", None, "0.75"),
        ("100", "5", "0", "120", "95", None, "0.8333"),
        (None, "5", "100", "120", None, None, None),
        ("100", None, "100", None, None, None, None),
    ],
)
def test_net_r_multiple_and_capture(
    gross: str | None,
    costs: str | None,
    risk: str | None,
    mfe: str | None,
    net: str | None,
    r_multiple: str | None,
    capture: str | None,
) -> None:
    def near(value: Decimal | None, expected: str | None) -> bool:
        if value is None or expected is None:
            return value is None and expected is None
        return abs(value - Decimal(expected)) < Decimal("0.0001")

    one = trade(gross, costs, risk, mfe)
    assert near(one.net, net)
    assert near(one.r_multiple, r_multiple)
    assert near(one.capture, capture)
