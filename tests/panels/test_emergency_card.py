"""The emergency card says whom to call."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from core.link import Link
from core.model.operation import CloseStep
from panels.emergency_card import EmergencyCard
from panels.shown import shown_in
from tests.panels.conftest import Bench
from tests.panels.worlds import NOW, closing, link_is


@pytest.mark.parametrize(
    ("desk", "says"),
    [({"sim": "+1 312 555 0100"}, "+1 312 555 0100"), ({"other": "1"}, "not set: [desk] in settings.toml")],
)
def test_the_telephone_of_the_desk_is_the_one_of_this_connection(
    theme: Any, bench: Any, desk: dict[str, str], says: str
) -> None:
    card: Bench = bench(EmergencyCard())
    down = replace(link_is(Link.OFFLINE, closing(CloseStep.LINK_DOWN)), desk=MappingProxyType(desk))
    card.widget.refresh(down, shown_in(down), NOW)
    assert card.text("emergencyDeskphone") == says
