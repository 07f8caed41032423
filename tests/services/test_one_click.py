"""One-click is a setting of one account: stored before it counts, taken back at once, and never for another."""

import pytest

from core import commands
from core.errors import PersistenceError
from core.events import Level
from core.model.scope import AccountKey, Mode
from tests.fakes.broker import FakeBroker
from tests.fakes.clock import ManualClock
from tests.fakes.engine import ACCOUNT, Desk

OTHER = AccountKey("sim", "Sim2")


def real(mode: Mode | None = Mode.LIVE) -> Desk:
    """Return a desk at a broker whose two accounts are of a mode; None is unclassified."""
    clock = ManualClock()
    broker = FakeBroker(clock, accounts=("Sim1", "Sim2"))
    modes = {} if mode is None else {"Sim1": mode, "Sim2": mode}
    return Desk(brokers=[broker], clock=clock, simulated=frozenset(), classify=modes).start()


def switch(desk: Desk, on: bool, key: AccountKey = ACCOUNT) -> None:
    desk.handle(commands.SetOneClick(key, on))


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.EVAL])
def test_it_is_of_one_account_stored_and_said(mode: Mode) -> None:
    desk = real(mode)
    switch(desk, True)
    assert set(desk.snapshot.one_click) == desk.one_click.keys == {ACCOUNT}
    assert desk.heard("Sim1: entries inside the limits go without a question (one-click).", Level.INFO)
    switch(desk, True, OTHER)
    switch(desk, False)
    assert set(desk.snapshot.one_click) == desk.one_click.keys == {OTHER}
    assert [row.text for row in desk.memory.audit.rows if "one-click" in row.text] == [
        "Sim1 one-click on",
        "Sim2 one-click on",
        "Sim1 one-click off",
    ]


@pytest.mark.parametrize("mode", [Mode.SIM, None])
def test_where_nothing_is_asked_or_known_it_is_not_switched_on(mode: Mode | None) -> None:
    desk = real(mode)
    switch(desk, True)
    switch(desk, True, AccountKey("sim", "Nobody"))
    assert not desk.snapshot.one_click and not desk.one_click.keys


def test_what_cannot_be_stored_is_asked() -> None:
    desk = real()
    desk.one_click.error = PersistenceError("The disk is full.")
    switch(desk, True)
    assert not desk.snapshot.one_click and desk.heard("Sim1: The disk is full. Entries are asked about.", Level.ERROR)
    desk.one_click.error = None
    switch(desk, True)
    desk.one_click.error = PersistenceError("The disk is full.")
    switch(desk, False)
    assert not desk.snapshot.one_click and desk.heard("but not after the next start.", Level.ERROR)


def test_it_arms_nothing() -> None:
    desk = real()
    switch(desk, True)
    desk.buy(1)
    assert desk.quantity() == 0 and desk.heard("Sim1 is LIVE and not armed.")
