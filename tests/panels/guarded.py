"""The limits of an account in made-up situations, for panel tests."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.model.guard_day import GuardFigures, GuardState
from core.model.guard_rules import FloorShape, GuardRules, NewsWindow, ProfitFloor, PropFloor
from core.model.guards import AccountGuards, gauge_of, judged, strictest
from core.model.trading_day import day_start
from core.snapshot import Snapshot
from tests.panels.worlds import ACCOUNT, NOW, long_two

D = Decimal
EVERY_LIMIT = GuardRules(
    day_loss=D(1000),
    profit_floor=ProfitFloor(D(300), D(100)),
    prop_floor=PropFloor(FloorShape.INTRADAY, D(2000), D(50000), freeze=D(50100)),
    trades=5,
    size=D(3),
    flat_by=time(15, 10),
    news=(NewsWindow(NOW + timedelta(minutes=10), NOW + timedelta(minutes=20)),),
)
STATE = GuardState(day_start(NOW), (EVERY_LIMIT,), D(0), D(510), 3, D(50000), D(51000), D("51608.45"))
FIGURES = GuardFigures(
    balance=D("50123.45"),
    day_net=D("110.20"),
    open_pnl=D(125),
    trades=3,
    size=D(2),
    at_risk=True,
    currency="USD",
    ticks=D(25),
    held="2 ESZ5",
)
LOST = D("-1127.10")
LOCKED = (
    "Sim1 is locked. The day has lost 1,002.10 USD of 1,000.00 USD. Entries open again at the session reset, 17:00 in "
    "Chicago."
)


def guards_of(rules: GuardRules = EVERY_LIMIT, **changes: Any) -> AccountGuards:
    """Return the guards of the account; changes are of the figures."""
    state, figures = replace(STATE, rules=(rules,)), replace(FIGURES, **changes)
    return AccountGuards(
        ACCOUNT, strictest(judged(figures, state, NOW)), state.resets_at, gauge=gauge_of(figures, state)
    )


def locked() -> AccountGuards:
    """Return guards under a lock: the day has lost too much, what is open notwithstanding."""
    return replace(guards_of(day_net=LOST), locked=LOCKED, locked_until=STATE.resets_at)


def breached(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot in which our own figure of the day says so too."""
    ledger = replace(snapshot.ledger[ACCOUNT], day_net=LOST)
    return guarded(locked(), replace(snapshot, ledger=MappingProxyType({ACCOUNT: ledger})))


def guarded(guards: AccountGuards, snapshot: Snapshot | None = None) -> Snapshot:
    """Return a snapshot with guards."""
    return replace(snapshot or long_two(), guards=MappingProxyType({ACCOUNT: guards}))
