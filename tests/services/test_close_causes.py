"""A refusal is explained where the broker's own words leave no doubt, and not otherwise."""

import pytest

from services.close_causes import RefusalCause, cause_of


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Order quantity 600 is more than the largest order of 500", RefusalCause.SIZE),
        ("Order size exceeds maximum order size of 50", RefusalCause.SIZE),
        ("Max position quantity exceeded", RefusalCause.SIZE),
        ("Exceeds position limit", RefusalCause.SIZE),
        (
            "Account Eval50K may hold 10 contracts; with this order position and working orders could reach 12",
            RefusalCause.SIZE,
        ),
        ("Margin 1200.00 is more than the account value 900.00 USD", RefusalCause.MARGIN),
        ("Insufficient funds", RefusalCause.MARGIN),
        ("Not enough buying power", RefusalCause.MARGIN),
        ("The market for MESZ6 is closed", RefusalCause.CLOSED),
        ("Exchange is closed for this product", RefusalCause.CLOSED),
        ("Trading halted", RefusalCause.CLOSED),
        ("Outside of trading hours", RefusalCause.CLOSED),
        ("Account is locked", RefusalCause.LOCKED),
        ("Trading is disabled for this account", RefusalCause.LOCKED),
        ("Daily loss limit reached", RefusalCause.LOCKED),
        ("Limit price 1.25 is outside the price band of 1.10 to 1.20", RefusalCause.BAND),
        ("Limit up", RefusalCause.BAND),
        ("Contract has expired", RefusalCause.EXPIRED),
        ("Past last trading day", RefusalCause.EXPIRED),
        ("Refused by the broker", None),
        ("No", None),
        ("", None),
        ("Account locked: margin call", None),
    ],
)
def test_a_text_names_its_one_cause_or_none(text: str, cause: RefusalCause | None) -> None:
    assert cause_of(text) is cause
    assert cause_of(text.upper()) is cause
