"""Desks for the trading services: every test that uses one ends with the invariants."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.fakes.checker import Checker, at_rest
from tests.fakes.engine import Desk


def _drop(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    raise structlog.DropEvent


@pytest.fixture(autouse=True)
def _quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Write no log where faults are played by the dozen; the rooms below have their own say in it."""
    if request.path.parent != Path(__file__).parent:
        yield
        return
    structlog.configure(processors=[_drop])
    yield
    structlog.reset_defaults()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk on a store in memory, started and connected; the invariants hold after every message."""
    made = Desk()
    yield from _watched(made.start())


@pytest.fixture
def stored_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on a real database."""
    made = Desk(tmp_path)
    yield from _watched(made.start())
    if made.alive:
        made.kill()


def _watched(desk: Desk) -> Iterator[Desk]:
    checker = Checker(desk)
    desk.after.append(checker.check)
    yield desk
    if desk.alive:
        checker.check()
        if not desk.snapshot.halted:
            at_rest(desk)
