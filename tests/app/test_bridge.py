"""The bridge: a frame for what can be seen; what cannot be seen waits for the next look at the clock."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from app import bridge as bridging
from app.bridge import IDLE_S, Bridge
from core.model.market import Quote
from core.state_manager import StateManager


def test_a_price_on_show_is_drawn_and_one_that_is_not_waits_for_the_clock(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(bridging, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    state = StateManager()
    state.select_symbol("sim", "ES")
    bridge = Bridge(state)
    drawn: list[Decimal | None] = []
    bridge.frame.connect(lambda snapshot, now, s: drawn.append(snapshot.quotes[("sim", "NQ")].last))

    def sampled(symbol: str, last: int) -> list[Decimal | None]:
        state.put_quote("sim", Quote(symbol, last=Decimal(last)))
        bridge._sample()
        return drawn

    assert sampled("NQ", 1) == [1]
    clock.now_s += IDLE_S / 2
    assert sampled("NQ", 2) == [1]
    assert sampled("ES", 3) == [1, 2]  # what is drawn is drawn whole
    assert sampled("NQ", 4) == [1, 2]
    clock.now_s += IDLE_S
    bridge._sample()
    assert drawn == [1, 2, 4]
    clock.now_s += IDLE_S
    bridge._sample()
    assert drawn == [1, 2, 4, 4]  # ages move though nothing changes
