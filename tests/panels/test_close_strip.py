"""The close strip counts what it offers to close as the venue does."""

from decimal import Decimal
from typing import Any

from core.model.instrument import Instrument
from core.model.operation import CloseChoice, CloseStep
from panels.close_strip import CloseStrip
from tests.panels.conftest import Bench
from tests.panels.worlds import ES, NOW, operation, position

COIN = Instrument("ESZ5", Decimal("0.5"), Decimal("0.5"), "USD", "A coin", Decimal("0.001"))
ASKED = (CloseChoice.CLOSE_BROKER_QUANTITY, CloseChoice.SEND_ANYWAY)


def offered(theme: Any, bench: Any, quantity: str, instrument: Instrument | None) -> list[str]:
    strip: Bench = bench(CloseStrip())
    asked = operation(CloseStep.ASKING, *ASKED, quantity=Decimal(quantity), text="Asked.")
    strip.widget.refresh(asked, NOW, position(), instrument)
    return [strip.text(f"closeAction_{number}") for number in range(len(ASKED))]


def test_coins_are_offered_to_the_venues_step(theme: Any, bench: Any) -> None:
    assert offered(theme, bench, "0.5", COIN) == ["Close broker quantity 0.500", "Send close for 0.500 anyway"]


def test_contracts_are_offered_whole(theme: Any, bench: Any) -> None:
    assert offered(theme, bench, "2", ES) == ["Close broker quantity 2", "Send close for 2 anyway"]
    assert offered(theme, bench, "2", None) == ["Close broker quantity 2", "Send close for 2 anyway"]
