"""A desk for the tests that came of reading the assembled engine with a stranger's eyes."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog

from tests.fakes.checker import Checker
from tests.fakes.engine import Desk


def _drop(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    raise structlog.DropEvent


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    structlog.configure(processors=[_drop])
    yield
    structlog.reset_defaults()


@pytest.fixture
def desk() -> Desk:
    """A desk on a store in memory, started and connected; the invariants are checked after every message."""
    made = Desk().start()
    made.after.append(Checker(made).check)
    return made
