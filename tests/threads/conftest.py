"""Threads are made to change places as often as the interpreter allows, so that what can go wrong does."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _threads_change_places_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
